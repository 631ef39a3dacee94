import { InvalidArgumentError, Option, type Command } from 'commander';
import { GofleetError } from '#errors';
import type { Cli } from './cli.ts';
import type { ExitCode } from './exit-code.ts';
import { POLICIES, type PolicyMode } from '../process/signing-policy.ts';
import { byteCount, wholeNumber } from './values.ts';

interface Folders {
  inventory?: string;
  playbooks?: string;
  knownHosts?: string;
  keys?: string;
}

interface SigningFlags {
  bundlePolicy?: PolicyMode;
  allowedSigners?: string;
  revokedKeys?: string;
}

interface Bundles extends SigningFlags {
  keepBundles?: number;
}

/** `up`, `controller` and `worker`: what they need is loaded only when they are asked for. */
export function addServeCommands(program: Command, cli: Cli, env: NodeJS.ProcessEnv): void {
  addUp(program, cli, env);
  addController(program, cli, env);
  addWorker(program, cli, env);
}

function addUp(program: Command, cli: Cli, env: NodeJS.ProcessEnv): void {
  const command = program
    .command('up')
    .description('run everything on this machine: redis-server, controller and worker')
    .option('--listen <addr:port>', 'where the controller listens', '127.0.0.1:7070')
    .option('--inventory <dir>', 'instead of DATA/inventory')
    .option('--playbooks <dir>', 'instead of DATA/playbooks')
    .option('--known-hosts <file>', 'instead of DATA/known_hosts')
    .option('--keys <dir>', 'instead of DATA/keys')
    .option('--concurrency <number>', 'sessions of the worker at once', wholeNumber)
    .option(...KEEP_BUNDLES)
    .action(
      cli.action(async (options: Folders & Bundles & { listen: string; concurrency?: number }) => {
        const { runUp } = await import('./up/index.ts');
        return exitCode(await runUp({ data: cli.data, ...options, ...signing(options, env) }));
      }),
    );
  addSigning(command, 'DATA/allowed_signers', 'DATA/revoked_keys');
}

function addController(program: Command, cli: Cli, env: NodeJS.ProcessEnv): void {
  const command = program
    .command('controller')
    .description('run a controller by itself')
    .option('--listen <addr:port>', 'where it listens', '127.0.0.1:7070')
    .option('--redis <url>', 'redis://… or unix:///path (GOFLEET_REDIS)')
    .option('--inventory <dir>', 'instead of DATA/inventory')
    .option('--playbooks <dir>', 'instead of DATA/playbooks')
    .option('--known-hosts <file>', 'instead of DATA/known_hosts')
    .option('--notify <dir>', 'instead of DATA/notify')
    .option(...KEEP_BUNDLES)
    .action(
      cli.action(async (options: ControllerFlags) => {
        const redis = needed(options.redis ?? env['GOFLEET_REDIS'], '--redis', 'GOFLEET_REDIS');
        const { runController } = await import('../controller/index.ts');
        const told = { ...options, ...signing(options, env), redis };
        return exitCode(await runController({ data: cli.data, ...told }));
      }),
    );
  addSigning(command, 'DATA/allowed_signers', 'DATA/revoked_keys');
}

interface ControllerFlags extends Folders, Bundles {
  listen: string;
  redis?: string;
  notify?: string;
}

interface WorkerFlags extends SigningFlags {
  site: string;
  redis?: string;
  tokenFile?: string;
  cache?: string;
  cacheSize?: number;
  keys: string;
  secrets: string;
  config?: string;
  concurrency?: number;
}

function addWorker(program: Command, cli: Cli, env: NodeJS.ProcessEnv): void {
  const command = program
    .command('worker')
    .description('run a worker by itself, for the hosts of one site (--url names its controller)')
    .requiredOption('--site <name>', 'the site whose hosts it works on')
    .option('--redis <url>', 'redis://… or unix:///path (GOFLEET_REDIS)')
    .option('--token-file <file>', 'with its worker token, instead of --token')
    .option('--cache <dir>', 'where it keeps blobs')
    .option('--cache-size <size>', 'bytes that they may take: 20GB unless said', byteCount)
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
        const told = { ...flags, ...signing(flags, env), controller, redis, token };
        return exitCode(await runWorker(told));
      }),
    );
  addSigning(command, 'what worker.yaml says', 'what worker.yaml says');
}

const KEEP_BUNDLES = [
  '--keep-bundles <number>',
  'of each name, besides those that something needs: 5 unless said',
  atLeastOne,
] as const;

function atLeastOne(text: string): number {
  const number = wholeNumber(text);
  if (number > 0) return number;
  throw new InvalidArgumentError('It must be at least 1.');
}

function addSigning(command: Command, signers: string, revoked: string): void {
  const policy = 'what becomes of bundles that nobody signed who may: require, warn or off';
  command
    .addOption(new Option('--bundle-policy <policy>', policy).choices(POLICIES))
    .option('--allowed-signers <file>', `who may sign bundles, instead of ${signers}`)
    .option('--revoked-keys <file>', `keys that may not any more, instead of ${revoked}`);
}

/** What the environment says, where the command line does not. */
function signing(flags: SigningFlags, env: NodeJS.ProcessEnv): SigningFlags {
  const allowedSigners = flags.allowedSigners ?? env['GOFLEET_ALLOWED_SIGNERS'];
  const revokedKeys = flags.revokedKeys ?? env['GOFLEET_REVOKED_KEYS'];
  const bundlePolicy = flags.bundlePolicy ?? policyIn(env);
  return {
    ...(bundlePolicy && { bundlePolicy }),
    ...(allowedSigners && { allowedSigners }),
    ...(revokedKeys && { revokedKeys }),
  };
}

function policyIn(env: NodeJS.ProcessEnv): PolicyMode | undefined {
  const said = env['GOFLEET_BUNDLE_POLICY'];
  if (said === undefined || said === '') return undefined;
  const policy = POLICIES.find((each) => each === said);
  if (policy) return policy;
  throw new GofleetError('usage', `GOFLEET_BUNDLE_POLICY is ${JSON.stringify(said)}`, {
    remedy: `Set it to ${POLICIES.join(', ')}, or to nothing.`,
  });
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
