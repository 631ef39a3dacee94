import type { Command } from 'commander';
import { GofleetError } from '#errors';
import type { Cli } from './cli.ts';
import type { ExitCode } from './exit-code.ts';
import { wholeNumber } from './values.ts';

interface Folders {
  inventory?: string;
  playbooks?: string;
  knownHosts?: string;
  keys?: string;
}

/** `up`, `controller` and `worker`: what they need is loaded only when they are asked for. */
export function addServeCommands(program: Command, cli: Cli, env: NodeJS.ProcessEnv): void {
  addUp(program, cli);
  addController(program, cli, env);
  addWorker(program, cli, env);
}

function addUp(program: Command, cli: Cli): void {
  program
    .command('up')
    .description('run everything on this machine: redis-server, controller and worker')
    .option('--listen <addr:port>', 'where the controller listens', '127.0.0.1:7070')
    .option('--inventory <dir>', 'instead of DATA/inventory')
    .option('--playbooks <dir>', 'instead of DATA/playbooks')
    .option('--known-hosts <file>', 'instead of DATA/known_hosts')
    .option('--keys <dir>', 'instead of DATA/keys')
    .option('--concurrency <number>', 'sessions of the worker at once', wholeNumber)
    .action(
      cli.action(async (options: Folders & { listen: string; concurrency?: number }) => {
        const { runUp } = await import('./up/index.ts');
        return exitCode(await runUp({ data: cli.data, ...options }));
      }),
    );
}

function addController(program: Command, cli: Cli, env: NodeJS.ProcessEnv): void {
  program
    .command('controller')
    .description('run a controller by itself')
    .option('--listen <addr:port>', 'where it listens', '127.0.0.1:7070')
    .option('--redis <url>', 'redis://… or unix:///path (GOFLEET_REDIS)')
    .option('--inventory <dir>', 'instead of DATA/inventory')
    .option('--playbooks <dir>', 'instead of DATA/playbooks')
    .option('--known-hosts <file>', 'instead of DATA/known_hosts')
    .option('--notify <dir>', 'instead of DATA/notify')
    .action(
      cli.action(async (options: Folders & { listen: string; redis?: string; notify?: string }) => {
        const redis = needed(options.redis ?? env['GOFLEET_REDIS'], '--redis', 'GOFLEET_REDIS');
        const { runController } = await import('../controller/index.ts');
        return exitCode(await runController({ data: cli.data, ...options, redis }));
      }),
    );
}

interface WorkerFlags {
  site: string;
  redis?: string;
  tokenFile?: string;
  cache?: string;
  keys: string;
  secrets: string;
  config?: string;
  concurrency?: number;
}

function addWorker(program: Command, cli: Cli, env: NodeJS.ProcessEnv): void {
  program
    .command('worker')
    .description('run a worker by itself, for the hosts of one site (--url names its controller)')
    .requiredOption('--site <name>', 'the site whose hosts it works on')
    .option('--redis <url>', 'redis://… or unix:///path (GOFLEET_REDIS)')
    .option('--token-file <file>', 'with its worker token, instead of --token')
    .option('--cache <dir>', 'where it keeps blobs')
    .option('--keys <dir>', 'with its SSH keys', 'keys')
    .option('--secrets <dir>', 'with its secrets', 'secrets')
    .option('--config <file>', 'worker.yaml: which secrets it may use for which hosts')
    .option('--concurrency <number>', 'sessions at once', wholeNumber)
    .action(
      cli.action(async (flags: WorkerFlags) => {
        const { url, token } = cli.choice;
        const controller = needed(url, '--url', 'GOFLEET_URL');
        const redis = needed(flags.redis ?? env['GOFLEET_REDIS'], '--redis', 'GOFLEET_REDIS');
        const { runWorker } = await import('../worker/index.ts');
        return exitCode(await runWorker({ ...flags, controller, redis, token }));
      }),
    );
}

function needed(value: string | undefined, option: string, variable: string): string {
  if (value !== undefined && value !== '') return value;
  throw new GofleetError('usage', `${option} is missing`, {
    remedy: `Give ${option}, or set ${variable} in the environment.`,
  });
}

function exitCode(code: number): ExitCode {
  return code === 0 || code === 2 || code === 3 || code === 4 ? code : 1;
}
