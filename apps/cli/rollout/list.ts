import type { RolloutSummary } from '#api';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { renderTable } from '../terminal/table.ts';
import type { Colors } from '../terminal/terminal.ts';
import { stateText } from './render-rollout.ts';

export function addRolloutList(rollout: Command, cli: Cli): void {
  rollout
    .command('list')
    .description('list rollouts, the newest first')
    .option('--state <state>', 'only those in this state')
    .option('--label <key=value>', 'only those with this label')
    .action(
      cli.action(async (filter: { state?: string; label?: string }) => {
        const rollouts = await cli.client.list<RolloutSummary>('/v1/rollouts', { ...filter });
        if (cli.terminal.json) cli.terminal.out(JSON.stringify(rollouts));
        else cli.terminal.out(renderRollouts(rollouts, cli.terminal.colors));
        return 0;
      }),
    );
}

export function renderRollouts(rollouts: readonly RolloutSummary[], colors: Colors): string {
  return renderTable(rollouts, [
    { title: 'ID', cell: ({ id }) => id },
    { title: 'NAME', cell: ({ name }) => name },
    { title: 'STATE', cell: ({ state }) => stateText(state, colors) },
    { title: 'DONE', cell: (one) => `${one.percentComplete.toFixed(1)} %`, align: 'right' },
    { title: 'HOSTS', cell: ({ counts }) => String(counts.planned), align: 'right' },
    { title: 'FAILED', cell: ({ counts }) => String(counts.failed + counts.lost), align: 'right' },
    { title: 'CREATED', cell: ({ createdAt }) => createdAt },
    { title: 'REASON', cell: ({ reason }) => reason?.code ?? '' },
  ]);
}
