import type { Drift, FleetHost, ReadingHost } from '#api';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { renderTable } from '../terminal/table.ts';
import { counted } from '../values.ts';
import { factsOf, type ShownTree } from './read-facts.ts';
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
  state: 'as recorded' | 'differs' | 'not compared' | 'unknown' | 'unread';
  differences: Drift[];
  /** The trees that were hashed there, where that was asked for. */
  trees: ShownTree[];
  code: string | null;
  message: string | null;
}

export function addHostsAudit(hosts: Command, cli: Cli): void {
  readingCommand(hosts, 'audit')
    .description('compare what is on hosts with what the ledger says they have; 1 where it differs')
    .option('--trees', 'hash the installed toolchain and modules there and compare every file')
    .action(
      cli.action(async (patterns: string[], flags: ReadingFlags) => {
        const read = await readHosts(cli, patterns, flags);
        const fleet = await cli.client.list<FleetHost>('/v1/fleet');
        const audited = auditHosts(read, fleet);
        const { terminal } = cli;
        terminal.out(terminal.json ? JSON.stringify(audited) : renderAudit(audited));
        if (audited.some(({ state }) => FOUND.includes(state))) return 1;
        return exitCodeOfFaults(codesOfUnread(read));
      }),
    );
}

/** An audit of these has found something, or could not look. */
const FOUND: Audited['state'][] = ['differs', 'not compared'];

/** The ledger judges what was just read; hosts that no rollout has had are told apart. */
export function auditHosts(read: readonly ReadingHost[], fleet: readonly FleetHost[]): Audited[] {
  const keyOf = ({ name, site }: { name: string; site: string }) => `${site}/${name}`;
  const known = new Map(fleet.map((host) => [keyOf(host), host]));
  return read.map((host) => {
    const { name, site, code, message } = host;
    const recorded = known.get(keyOf(host));
    const differences = recorded ? differencesOf(host, recorded) : [];
    const trees = factsOf(host)?.trees ?? [];
    const state = stateOf(host, recorded, { differences, trees });
    return { name, site, state, differences, trees, code, message };
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
  { differences, trees }: Pick<Audited, 'differences' | 'trees'>,
): Audited['state'] {
  if (state !== 'read') return 'unread';
  if (differences.length > 0 || trees.some((tree) => tree.state === 'differs')) return 'differs';
  if (trees.some((tree) => tree.state === 'unknown')) return 'not compared';
  return recorded?.lastRollout ? 'as recorded' : 'unknown';
}

/** A line a difference; hosts without one are only counted. */
export function renderAudit(audited: readonly Audited[]): string {
  const rows = audited.flatMap((host) =>
    host.state === 'unread'
      ? [{ host, key: host.code ?? '', wanted: '', found: host.message ?? '' }]
      : [
          ...host.differences.map((each) => ({ host, ...each, found: each.found ?? 'nothing' })),
          ...host.trees.flatMap(rowsOfTree).map((each) => ({ host, ...each })),
        ],
  );
  const table = renderTable(rows, [
    { title: 'HOST', cell: ({ host }) => host.name },
    { title: '', cell: ({ host }) => host.state },
    { title: 'WHAT', cell: ({ key }) => key },
    { title: 'WANTED', cell: ({ wanted }) => wanted },
    { title: 'HOST HAS', cell: ({ found }) => found },
  ]);
  const counts = Map.groupBy(audited, ({ state }) => state);
  const summary = [...counts].map(([state, of]) => `${counted(of.length, 'host')} ${state}`);
  const files = audited.flatMap(({ trees }) => trees).reduce((sum, each) => sum + each.files, 0);
  const hashed = files > 0 ? [`${counted(files, 'file')} hashed`] : [];
  const last = [...summary, ...hashed].join(', ');
  return [...(rows.length > 0 ? [table, ''] : []), last].join('\n');
}

/** A line a file, as far as they were named. */
function rowsOfTree({ kind, name, state, count, differences }: ShownTree) {
  const key = `${kind} ${name}`;
  if (state === 'unknown')
    return [{ key, wanted: 'a tree of a bundle here', found: 'one that cannot be compared' }];
  const rows = differences.map(({ path, what }) => ({ key: `${kind}/${path}`, ...WORDS[what] }));
  const more = count - differences.length;
  return more > 0
    ? [...rows, { key, wanted: 'as in the bundle', found: `${counted(more, 'more file')} differ` }]
    : rows;
}

const WORDS = {
  changed: { wanted: 'as in the bundle', found: 'other bytes' },
  mode: { wanted: 'as in the bundle', found: 'another mode' },
  missing: { wanted: 'as in the bundle', found: 'nothing' },
  added: { wanted: 'nothing', found: 'a file' },
};
