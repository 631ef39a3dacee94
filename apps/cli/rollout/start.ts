import type { Rollout } from '#api';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import type { ExitCode } from '../exit-code.ts';
import { readPlan, sendPlan } from '../plan/send.ts';
import { readLimit } from './limit.ts';
import { printRollout } from './status.ts';
import { watchRollout } from './watch.ts';

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
  const rollout = await sendPlan<Rollout>('/v1/rollouts', { plan, file, query: { limit } }, cli);
  if (!options.wait) {
    printRollout(rollout, cli);
    return 0;
  }
  if (!cli.terminal.json) cli.terminal.err(`rollout ${rollout.id} started`);
  for (const warning of rollout.warnings) cli.terminal.err(`warning: ${warning}`);
  return watchRollout(rollout.id, { keep: options.keep === true, json: 'end' }, cli);
}
