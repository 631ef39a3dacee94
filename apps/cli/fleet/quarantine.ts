import type { Quarantine } from '#api';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';

export function addFleetQuarantine(fleet: Command, cli: Cli): void {
  fleet
    .command('quarantine')
    .description('keep every rollout away from a host (audited)')
    .argument('<host>', 'its name in the inventory')
    .requiredOption('--note <text>', 'why, for those who wonder later')
    .action(
      cli.action(async (host: string, { note }: { note: string }) => {
        const said = await cli.client.post<Quarantine>(pathOf(host), { note });
        cli.terminal.out(cli.terminal.json ? JSON.stringify(said) : quarantineText(said));
        return 0;
      }),
    );
  fleet
    .command('release')
    .description('let rollouts have a host again (audited)')
    .argument('<host>', 'its name in the inventory')
    .action(
      cli.action(async (host: string) => {
        await cli.client.delete(pathOf(host));
        if (!cli.terminal.json) cli.terminal.err(`${host} may be planned again`);
        else cli.terminal.out(JSON.stringify({ host, released: true }));
        return 0;
      }),
    );
}

function pathOf(host: string): string {
  return `/v1/fleet/${encodeURIComponent(host)}/quarantine`;
}

function quarantineText({ host, skippedIn = [] }: Quarantine): string {
  const where = skippedIn.length === 0 ? '' : `; skipped in ${skippedIn.join(', ')}`;
  return `${host} is in quarantine${where}`;
}
