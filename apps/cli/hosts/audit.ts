import type { Drift, FleetHost, ReadingHost } from '#api';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { renderTable } from '../terminal/table.ts';
import { counted } from '../values.ts';
import { factsOf } from './read-facts.ts';
import {
  codesOfUnread,
  exitCodeOfFaults,
  readHosts,
  readingCommand,
  type ReadingFlags,
} from './reading.ts';

/** A host beside what the ledger says it has. */
export interface Audited {
  name: string;
  site: string;
  state: 'as recorded' | 'differs' | 'unknown' | 'unread';
  differences: Drift[];
  code: string | null;
  message: string | null;
}

export function addHostsAudit(hosts: Command, cli: Cli): void {
  readingCommand(hosts, 'audit')
    .description('compare what is on hosts with what the ledger says they have; 1 where it differs')
    .action(
      cli.action(async (patterns: string[], flags: ReadingFlags) => {
        const read = await readHosts(cli, patterns, flags);
        const fleet = await cli.client.list<FleetHost>('/v1/fleet');
        const audited = auditHosts(read, fleet);
        const { terminal } = cli;
        terminal.out(terminal.json ? JSON.stringify(audited) : renderAudit(audited));
        if (audited.some(({ state }) => state === 'differs')) return 1;
        return exitCodeOfFaults(codesOfUnread(read));
      }),
    );
}

/** The ledger judges what was just read; hosts that no rollout has had are told apart. */
export function auditHosts(read: readonly ReadingHost[], fleet: readonly FleetHost[]): Audited[] {
  const keyOf = ({ name, site }: { name: string; site: string }) => `${site}/${name}`;
  const known = new Map(fleet.map((host) => [keyOf(host), host]));
  return read.map((host) => {
    const { name, site, code, message } = host;
    const recorded = known.get(keyOf(host));
    const differences = recorded ? differencesOf(host, recorded) : [];
    const state = stateOf(host, recorded, differences);
    return { name, site, state, differences, code, message };
  });
}

function differencesOf(host: ReadingHost, recorded: FleetHost): Drift[] {
  const epoch = factsOf(host)?.epoch ?? 0;
  const later =
    epoch > recorded.epoch
      ? [{ key: 'epoch', wanted: `${recorded.epoch} at most`, found: String(epoch) }]
      : [];
  return host.state === 'read' ? [...recorded.drift, ...later] : [];
}

function stateOf(
  { state }: ReadingHost,
  recorded: FleetHost | undefined,
  differences: Drift[],
): Audited['state'] {
  if (state !== 'read') return 'unread';
  if (differences.length > 0) return 'differs';
  return recorded?.lastRollout ? 'as recorded' : 'unknown';
}

/** A line a difference; hosts without one are only counted. */
export function renderAudit(audited: readonly Audited[]): string {
  const rows = audited.flatMap((host) =>
    host.state === 'unread'
      ? [{ host, key: host.code ?? '', wanted: '', found: host.message ?? '' }]
      : host.differences.map((each) => ({ host, ...each, found: each.found ?? 'nothing' })),
  );
  const table = renderTable(rows, [
    { title: 'HOST', cell: ({ host }) => host.name },
    { title: '', cell: ({ host }) => host.state },
    { title: 'WHAT', cell: ({ key }) => key },
    { title: 'LEDGER', cell: ({ wanted }) => wanted },
    { title: 'HOST HAS', cell: ({ found }) => found },
  ]);
  const counts = Map.groupBy(audited, ({ state }) => state);
  const summary = [...counts].map(([state, of]) => `${counted(of.length, 'host')} ${state}`);
  return [...(rows.length > 0 ? [table, ''] : []), summary.join(', ')].join('\n');
}
