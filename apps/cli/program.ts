import { Command, CommanderError, Option } from 'commander';
import { toGofleetError, type GofleetError } from '#errors';
import { RELEASE } from '../process/release.ts';
import type { Cli } from './cli.ts';
import { openClient } from './client/client.ts';
import { findEndpoint, type Choice } from './client/endpoint.ts';
import { exitCodeOf, type ExitCode } from './exit-code.ts';
import { addLaterCommands } from './later.ts';
import { printError } from './print-error.ts';
import { addServeCommands } from './serve.ts';
import { openTerminal, type Stream } from './terminal/terminal.ts';
import { addTokenCommands } from './token/index.ts';

/** What a program takes from the process it runs in. */
export interface Surroundings {
  stdout: Stream;
  stderr: Stream;
  env: NodeJS.ProcessEnv;
}

/** Runs one command line, without the first two words of argv, and says how it ended. */
export async function runProgram(
  words: string[],
  surroundings: Surroundings = processSurroundings(),
): Promise<ExitCode> {
  let code: ExitCode = 0;
  const program = newProgram(surroundings);
  const cli = openCli(program, surroundings, (ended) => (code = ended));
  addServeCommands(program, cli, surroundings.env);
  for (const add of await groupsFor(words)) add(program, cli, surroundings.env);
  addTokenCommands(program, cli);
  addLaterCommands(program, cli);
  strict(program, surroundings);
  try {
    await program.parseAsync(words, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    return failed(toGofleetError(error), cli);
  }
}

type AddCommands = (program: Command, cli: Cli, env: NodeJS.ProcessEnv) => void;

/** In the order of the help. What a group needs (SSH, archives) takes longer to load than most commands to run. */
const GROUPS: Record<string, () => Promise<AddCommands>> = {
  plan: async () => (await import('./plan/index.ts')).addPlan,
  rollout: async () => (await import('./rollout/index.ts')).addRolloutCommands,
  bundle: async () => (await import('./bundle/index.ts')).addBundleCommands,
  inventory: async () => (await import('./inventory/index.ts')).addInventoryCommands,
  hosts: async () => (await import('./hosts/index.ts')).addHostsCommands,
  fleet: async () => (await import('./fleet/index.ts')).addFleetCommands,
  freeze: async () => (await import('./freeze/index.ts')).addFreezeCommands,
  audit: async () => (await import('./audit/index.ts')).addAuditCommands,
  backup: async () => (await import('./recovery/index.ts')).addBackup,
  restore: async () => (await import('./recovery/index.ts')).addRestore,
  recover: async () => (await import('./recovery/index.ts')).addRecover,
};

/** Without a group of their own. */
const LIGHT = new Set(['up', 'controller', 'worker', 'token', '--version', '-V']);

/** The groups that the command line speaks of; all where it speaks of nothing known: for help and what is misspelt. */
async function groupsFor(words: string[]): Promise<AddCommands[]> {
  const groups = Object.entries(GROUPS);
  const named = groups.filter(([name]) => words.includes(name));
  const known = named.length > 0 || words.some((word) => LIGHT.has(word));
  return Promise.all((known ? named : groups).map(([, load]) => load()));
}

function newProgram({ env }: Surroundings): Command {
  return new Command('gofleet')
    .description('Puts Go on fleets of machines that have no internet.')
    .version(RELEASE)
    .option('--json', 'answer in JSON')
    .addOption(
      new Option('--data <dir>', 'data folder of the embedded controller').default('./.gofleet'),
    )
    .addOption(
      new Option('--url <url>', 'another controller (GOFLEET_URL)').default(
        env['GOFLEET_URL'] || undefined,
        'the embedded one of --data',
      ),
    )
    .addOption(new Option('--token <secret>', 'its token (GOFLEET_TOKEN)'))
    .configureHelp({ showGlobalOptions: true });
}

function openCli(
  program: Command,
  { stdout, stderr, env }: Surroundings,
  ended: (code: ExitCode) => void,
): Cli {
  const choice = (): Choice => {
    const { url, token, data } = program.opts<Choice>();
    return { url, token: token ?? (env['GOFLEET_TOKEN'] || undefined), data };
  };
  return {
    get terminal() {
      return openTerminal({
        stdout,
        stderr,
        env,
        json: program.opts<{ json?: true }>().json === true,
      });
    },
    client: openClient(() => findEndpoint(choice())),
    get choice() {
      return choice();
    },
    get data() {
      return choice().data;
    },
    get again() {
      return ['data', 'url']
        .filter((option) => program.getOptionValueSource(option) === 'cli')
        .map((option) => ` --${option} ${quoted(String(program.opts()[option]))}`)
        .join('');
    },
    action:
      (run) =>
      async (...words) =>
        ended(await run(...words)),
  };
}

/** Commander ends the process on wrong use: here it throws instead, in every command, and writes where we write. */
function strict(command: Command, surroundings: Surroundings): void {
  command
    .exitOverride()
    .showHelpAfterError(`remedy: see ${pathOf(command)} --help`)
    .configureOutput({
      writeOut: (text) => void surroundings.stdout.write(text),
      writeErr: (text) => void surroundings.stderr.write(text),
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    });
  for (const inner of command.commands) strict(inner, surroundings);
}

/** `gofleet rollout start` */
function pathOf(command: Command): string {
  return command.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name();
}

function failed(error: GofleetError, cli: Cli): ExitCode {
  printError(error, cli.terminal, cli.again);
  return exitCodeOf(error);
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

function processSurroundings(): Surroundings {
  // Whoever reads the answer may stop before its end, as `head` does.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit();
  });
  return { stdout: process.stdout, stderr: process.stderr, env: process.env };
}
