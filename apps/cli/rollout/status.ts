import type { Rollout } from '#api';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { rolloutPath } from './paths.ts';
import { renderRollout } from './render-rollout.ts';

export function addRolloutStatus(rollout: Command, cli: Cli): void {
  rollout
    .command('status')
    .description('show how a rollout stands, why, and what may be done')
    .argument('<id>', 'of the rollout')
    .action(
      cli.action(async (id: string) => {
        printRollout(await cli.client.get<Rollout>(rolloutPath(id)), cli);
        return 0;
      }),
    );
}

export function printRollout(rollout: Rollout, { terminal, again }: Cli): void {
  terminal.out(
    terminal.json ? JSON.stringify(rollout) : renderRollout(rollout, terminal.colors, again),
  );
}
