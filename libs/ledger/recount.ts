import { recount, type BatchCounts, type HostRow } from '#rollout';
import type { Queries } from './types.ts';

/** Counts the hosts of every batch from nothing and stores what differs. */
export async function recountBatches(queries: Queries, rollout: string): Promise<void> {
  const counts = await countBatches(queries, rollout);
  const stored = await queries
    .selectFrom('batches')
    .select(['number', 'counts'])
    .where('rollout', '=', rollout)
    .limit(1000)
    .execute();
  for (const batch of stored) {
    const text = JSON.stringify(counts.get(batch.number) ?? recount([]));
    if (text === batch.counts) continue;
    await queries
      .updateTable('batches')
      .set({ counts: text })
      .where('rollout', '=', rollout)
      .where('number', '=', batch.number)
      .execute();
  }
}

/** The counters of every batch, from its hosts. */
export async function countBatches(
  queries: Queries,
  rollout: string,
): Promise<Map<number, BatchCounts>> {
  const kinds = await countKinds(queries, rollout);
  const byBatch = Map.groupBy(kinds, ({ row }) => row.batch);
  return new Map([...byBatch].map(([number, of]) => [number, recount(each(of))]));
}

/** Hosts that count alike. */
interface Kind {
  row: HostRow;
  hosts: number;
}

const KINDS = [
  'batch',
  'state',
  'outcome',
  'unchanged',
  'changed',
  'acknowledged',
  'covered_by',
  'retried',
  'baked',
] as const;
const AT_ONCE = 1000;

async function countKinds(queries: Queries, rollout: string): Promise<Kind[]> {
  const kinds: Kind[] = [];
  for (;;) {
    const rows = await queries
      .selectFrom('rollout_hosts')
      .select([...KINDS, ({ fn }) => fn.countAll<number>().as('hosts')])
      .where('rollout', '=', rollout)
      .where('batch', 'is not', null)
      .groupBy([...KINDS])
      .orderBy('batch')
      .orderBy('state')
      .orderBy('outcome')
      .orderBy('unchanged')
      .orderBy('changed')
      .orderBy('acknowledged')
      .orderBy('covered_by')
      .orderBy('retried')
      .orderBy('baked')
      .limit(AT_ONCE)
      .offset(kinds.length)
      .execute();
    kinds.push(...rows.map((row) => ({ row: toRow(row), hosts: row.hosts })));
    if (rows.length < AT_ONCE) return kinds;
  }
}

type KindColumns = {
  batch: number | null;
  state: string;
  outcome: string | null;
  unchanged: number;
  changed: number;
  acknowledged: number;
  covered_by: number | null;
  retried: number;
  baked: number;
};

function toRow(row: KindColumns): HostRow {
  return {
    number: 0,
    batch: row.batch ?? 0,
    state: row.state as HostRow['state'],
    outcome: (row.outcome ?? undefined) as HostRow['outcome'],
    unchanged: row.unchanged === 1,
    changed: row.changed === 1,
    acknowledged: row.acknowledged === 1,
    coveredBy: row.covered_by ?? undefined,
    retried: row.retried === 1,
    task: undefined,
    rollBackAfter: false,
    baked: row.baked === 1,
    signature: undefined,
    expiries: 0,
  };
}

function* each(kinds: Kind[]): Generator<HostRow> {
  for (const { row, hosts } of kinds) for (let count = 0; count < hosts; count++) yield row;
}
