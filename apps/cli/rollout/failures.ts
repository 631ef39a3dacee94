import type { FailureGroup, Page } from '#api';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { rolloutPath } from './paths.ts';
import { failureLines } from './render-failures.ts';

export function addRolloutFailures(rollout: Command, cli: Cli): void {
  rollout
    .command('failures')
    .description('show failures that look alike, and what their hosts share')
    .argument('<id>', 'of the rollout')
    .action(
      cli.action(async (id: string) => {
        const { items: groups } = await cli.client.get<Page<FailureGroup>>(
          rolloutPath(id, 'failures'),
        );
        const { terminal } = cli;
        if (terminal.json) terminal.out(JSON.stringify(groups));
        else if (groups.length === 0) terminal.out('no host stands failed');
        else terminal.out(failureLines(groups, terminal.colors).join('\n'));
        return 0;
      }),
    );
}
