import type { FleetHostDetail, Page } from '#api';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { renderTable } from '../terminal/table.ts';
import type { Colors } from '../terminal/terminal.ts';
import { driftText, healthText } from './list.ts';

export function addFleetShow(fleet: Command, cli: Cli): void {
  fleet
    .command('show')
    .description('one host: how it is, and the rollouts that it was in')
    .argument('<host>', 'its name in the inventory')
    .action(
      cli.action(async (host: string) => {
        const path = `/v1/fleet/${encodeURIComponent(host)}`;
        const { items } = await cli.client.get<Page<FleetHostDetail>>(path);
        const { terminal } = cli;
        terminal.out(
          terminal.json
            ? JSON.stringify(items)
            : items.map((each) => renderHost(each, terminal.colors)).join('\n\n'),
        );
        return 0;
      }),
    );
}

/** How a host is, with its history. */
export function renderHost(host: FleetHostDetail, colors: Colors): string {
  const { name, site, health, owner, quarantine, lastSeenAt, lastSucceededAt, history } = host;
  const message = health.message === null ? '' : `: ${health.message}`;
  return [
    `${colors.bold(name)}  site ${site}  ${healthText(host, colors)}${message}`,
    `seen ${lastSeenAt ?? 'never'}  succeeded ${lastSucceededAt ?? 'never'}`,
    ...(owner === null ? [] : [`belongs to rollout ${owner}`]),
    ...(host.drift.length === 0 ? [] : [`${colors.yellow('drift')}: ${driftText(host)}`]),
    ...(quarantine
      ? [
          `${colors.yellow('quarantine')} since ${quarantine.at} by ${quarantine.who}: ${quarantine.note}`,
        ]
      : []),
    '',
    renderTable(history, [
      { title: 'ROLLOUT', cell: ({ rollout }) => rollout },
      { title: 'NAME', cell: (each) => each.name },
      { title: 'BUNDLE', cell: ({ bundle }) => bundle },
      { title: 'STATE', cell: ({ state }) => state },
      { title: 'ENDED', cell: ({ endedAt }) => endedAt ?? '' },
      { title: 'WHY', cell: ({ code, message: why }) => (code ? `${code}: ${why ?? ''}` : '') },
    ]),
  ].join('\n');
}
