import { setTimeout as sleep } from 'node:timers/promises';
import type { PlanPreview } from '#api';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import type { ExitCode } from '../exit-code.ts';
import { readLimit } from '../rollout/limit.ts';
import { renderPreview } from './render-preview.ts';
import { readPlan, sendPlan } from './send.ts';
import { simulateFile, simulating, type SimulateOptions } from './simulate.ts';

interface PlanOptions extends SimulateOptions {
  simulate?: boolean;
  live?: boolean;
}

export function addPlan(program: Command, cli: Cli): void {
  program
    .command('plan')
    .description('say what a plan would do, and change nothing')
    .argument('<file>', 'the plan (YAML)')
    .option('--limit <pattern>', 'only those of the targets that match this pattern, or @FILE')
    .option('--live', 'read every host first: a rollout of just this can be started then')
    .option('--simulate', 'run it many times on simulated hosts instead, to see when it would trip')
    .addOption(simulating('--failure-rate <share>', 'hosts that fail, such as 5% or 0.05'))
    .addOption(simulating('--unreachable-rate <share>', 'hosts that do not answer'))
    .addOption(simulating('--slow-rate <share>', 'hosts that take ten times as long'))
    .addOption(
      simulating('--correlated-by <variable>', 'what hosts fail together by, such as rack'),
    )
    .addOption(simulating('--duration <p50,p90>', 'how long a host takes, such as 30s,90s'))
    .addOption(simulating('--seed <seed>', 'the same seed gives the same answer'))
    .addOption(simulating('--runs <number>', 'how often it is run'))
    .action(
      cli.action((file: string, options: PlanOptions) =>
        options.simulate ? simulateFile(file, options, cli) : previewFile(file, options, cli),
      ),
    );
}

async function previewFile(file: string, options: PlanOptions, cli: Cli): Promise<ExitCode> {
  const plan = await readPlan(file);
  const limit = options.limit === undefined ? undefined : await readLimit(options.limit);
  const facts = options.live ? 'live' : 'known';
  const query = { limit, facts };
  const preview = await ready(
    await sendPlan<PlanPreview>('/v1/plans', { plan, file, query }, cli),
    cli,
  );
  if (cli.terminal.json) cli.terminal.out(JSON.stringify(preview));
  else cli.terminal.out(renderPreview(preview));
  return 0;
}

const LOOK_EVERY = 1000;

/** Hosts are being read: the preview is whole once all of them were. */
async function ready(preview: PlanPreview, cli: Cli): Promise<PlanPreview> {
  const { id, state, reading } = preview;
  if (state === 'ready' || id === null) return preview;
  if (reading && !cli.terminal.json)
    cli.terminal.err(`${reading.planned - reading.waiting} of ${reading.planned} hosts read`);
  await sleep(LOOK_EVERY);
  return ready(await cli.client.get<PlanPreview>(`/v1/plans/${id}`), cli);
}
