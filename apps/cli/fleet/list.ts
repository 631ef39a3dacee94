import type { FleetHost } from '#api';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { renderTable } from '../terminal/table.ts';
import type { Colors } from '../terminal/terminal.ts';

const HEALTH: Record<FleetHost['health']['state'], keyof Colors> = {
  ok: 'green',
  failing: 'red',
  failed: 'red',
  unreachable: 'yellow',
  unknown: 'reset',
};

export function addFleetList(fleet: Command, cli: Cli): void {
  fleet
    .command('list')
    .description('every known host: what it has, drift, health, quarantine')
    .option('--quarantined', 'only hosts in quarantine')
    .action(
      cli.action(async ({ quarantined }: { quarantined?: true }) => {
        const query = quarantined ? { quarantined: 'true' } : {};
        const hosts = await cli.client.list<FleetHost>('/v1/fleet', query);
        const { terminal } = cli;
        terminal.out(terminal.json ? JSON.stringify(hosts) : renderFleet(hosts, terminal.colors));
        return 0;
      }),
    );
}

/** One line a host. */
export function renderFleet(hosts: readonly FleetHost[], colors: Colors): string {
  return renderTable(hosts, [
    { title: 'HOST', cell: ({ name }) => name },
    { title: 'SITE', cell: ({ site }) => site },
    { title: 'HEALTH', cell: (host) => healthText(host, colors) },
    { title: 'DRIFT', cell: driftText },
    { title: 'LAST ROLLOUT', cell: ({ lastRollout }) => lastRollout ?? '' },
    { title: 'OUTCOME', cell: ({ lastOutcome }) => lastOutcome ?? '' },
    { title: 'SEEN', cell: ({ lastSeenAt }) => lastSeenAt ?? 'never' },
    { title: 'QUARANTINE', cell: ({ quarantine }) => quarantine?.note ?? '' },
  ]);
}

export function healthText({ health }: FleetHost, colors: Colors): string {
  const paint = colors[HEALTH[health.state]];
  return typeof paint === 'function' ? paint(health.state) : health.state;
}

/** `go 1.20.1 instead of 1.21.5` */
export function driftText({ drift }: FleetHost): string {
  return drift
    .map(({ key, wanted, found }) => `${key} ${found ?? 'missing'} instead of ${wanted}`)
    .join(', ');
}
