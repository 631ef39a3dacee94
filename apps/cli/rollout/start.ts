import { readFile } from 'node:fs/promises';
import type { Rollout } from '#api';
import { GofleetError, isGofleetError } from '#errors';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import type { ExitCode } from '../exit-code.ts';
import { withDetails } from '../print-error.ts';
import { readLimit } from './limit.ts';
import { printRollout } from './status.ts';
import { watchRollout } from './watch.ts';

/** How the controller speaks of what was posted; faults of inventory and playbook are in files of its own. */
const ABOUT_PLAN = /^plan(?: line \d+)?: /;

interface StartOptions {
  limit?: string;
  wait?: boolean;
  keep?: boolean;
}

export function addRolloutStart(rollout: Command, cli: Cli): void {
  rollout
    .command('start')
    .description('start a rollout from a plan')
    .argument('<file>', 'the plan (YAML)')
    .option('--limit <pattern>', 'only those of the targets that match this pattern, or @FILE')
    .option('--wait', 'watch it: 0 when it succeeded, 1 at any other end or when a gate pauses it')
    .option('--keep', 'with --wait: stay when a gate pauses it')
    .action(cli.action((file: string, options: StartOptions) => startRollout(file, options, cli)));
}

async function startRollout(file: string, options: StartOptions, cli: Cli): Promise<ExitCode> {
  const plan = await readPlan(file);
  const limit = options.limit === undefined ? undefined : await readLimit(options.limit);
  const rollout = await create(plan, file, limit, cli);
  if (!options.wait) {
    printRollout(rollout, cli);
    return 0;
  }
  if (!cli.terminal.json) cli.terminal.err(`rollout ${rollout.id} started`);
  for (const warning of rollout.warnings) cli.terminal.err(`warning: ${warning}`);
  return watchRollout(rollout.id, { keep: options.keep === true, json: 'end' }, cli);
}

async function create(
  plan: string,
  file: string,
  limit: string | undefined,
  { client }: Cli,
): Promise<Rollout> {
  const headers = { 'content-type': 'application/yaml' };
  try {
    return await client.post<Rollout>('/v1/rollouts', plan, { query: { limit }, headers });
  } catch (error) {
    throw isGofleetError(error) && ABOUT_PLAN.test(error.message)
      ? withDetails(error, { file })
      : error;
  }
}

async function readPlan(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new GofleetError('invalid_file', `the plan ${file} cannot be read`, {
      remedy: 'Name a file with a rollout plan in YAML.',
      cause,
    });
  }
}
