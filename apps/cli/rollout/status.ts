import type { FailureGroup, Page, Rollout } from '#api';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { rolloutPath } from './paths.ts';
import { failureLines } from './render-failures.ts';
import { renderRollout } from './render-rollout.ts';

export function addRolloutStatus(rollout: Command, cli: Cli): void {
  rollout
    .command('status')
    .description('show how a rollout stands, why, and what may be done')
    .argument('<id>', 'of the rollout')
    .action(
      cli.action(async (id: string) => {
        const found = await cli.client.get<Rollout>(rolloutPath(id));
        printRollout(found, cli);
        if (!cli.terminal.json && hasFailures(found)) await printFailures(id, cli);
        return 0;
      }),
    );
}

export function printRollout(rollout: Rollout, { terminal, again }: Cli): void {
  terminal.out(
    terminal.json ? JSON.stringify(rollout) : renderRollout(rollout, terminal.colors, again),
  );
}

function hasFailures({ counts }: Rollout): boolean {
  return counts.failed + counts.lost + counts.unreachable + counts.rollbackFailed > 0;
}

/** Groups that are shown beside all else; `failures` shows the rest. */
const SHOWN = 3;

async function printFailures(id: string, { client, terminal }: Cli): Promise<void> {
  const { items } = await client.get<Page<FailureGroup>>(rolloutPath(id, 'failures'));
  const lines = failureLines(items.slice(0, SHOWN), terminal.colors);
  if (lines.length > 0) terminal.out(['', 'What failed:', ...lines].join('\n'));
}
