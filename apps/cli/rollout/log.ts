import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { rolloutPath } from './paths.ts';

export function addRolloutLog(rollout: Command, cli: Cli): void {
  rollout
    .command('log')
    .description('print what one host said and did')
    .argument('<id>', 'of the rollout')
    .argument('<host>', 'its name in the inventory')
    .action(
      cli.action(async (id: string, host: string) => {
        const log = await cli.client.getText(rolloutPath(id, 'hosts', host, 'log'));
        const { terminal } = cli;
        if (terminal.json) terminal.out(JSON.stringify({ rollout: id, host, log }));
        else terminal.out(log.replace(/\n$/, ''));
        return 0;
      }),
    );
}
