import type { AdoptBody } from '#api';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { counted } from '../values.ts';

export function addHostsAdopt(hosts: Command, cli: Cli): void {
  hosts
    .command('adopt')
    .description('let the next rollout take hosts over from another fleet (admin, audited)')
    .argument('<pattern...>', 'names of known hosts, or patterns with *')
    .option('--note <text>', 'why, for those who read it later', 'adopted on the command line')
    .action(
      cli.action(async (patterns: string[], { note }: { note: string }) => {
        const body: AdoptBody = { hosts: patterns, note };
        const adopted = await cli.client.post<{ hosts: string[] }>('/v1/fleet/adopt', body);
        const { terminal } = cli;
        terminal.out(terminal.json ? JSON.stringify(adopted) : adoptedText(adopted.hosts));
        return 0;
      }),
    );
}

function adoptedText(hosts: string[]): string {
  return `the next rollout may take over ${counted(hosts.length, 'host')}: ${hosts.join(', ')}`;
}
