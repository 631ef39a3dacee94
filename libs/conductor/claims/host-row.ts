import {
  findRow,
  prepared,
  updateRow,
  type HostRow as LedgerHost,
  type Queries,
  type Slot,
} from '#ledger';
import { addCounts, countsDelta, type BatchCounts, type HostRow } from '#rollout';

/** What of a stored host the rules look at. */
export function toHostRow(row: LedgerHost): HostRow {
  return {
    number: row.number,
    batch: row.batch ?? 0,
    state: row.state as HostRow['state'],
    outcome: (row.outcome ?? undefined) as HostRow['outcome'],
    unchanged: row.unchanged === 1,
    changed: row.changed === 1,
    acknowledged: row.acknowledged === 1,
    coveredBy: row.covered_by ?? undefined,
    retried: row.retried === 1,
    task: (row.task ?? undefined) as HostRow['task'],
    rollBackAfter: row.roll_back_after === 1,
    baked: row.baked === 1,
    signature: row.signature ?? undefined,
    expiries: row.expiries,
  };
}

/** The columns of what the rules decided. */
export function toColumns(row: HostRow) {
  return {
    state: row.state,
    outcome: row.outcome ?? null,
    unchanged: Number(row.unchanged),
    changed: Number(row.changed),
    acknowledged: Number(row.acknowledged),
    covered_by: row.coveredBy ?? null,
    retried: Number(row.retried),
    roll_back_after: Number(row.rollBackAfter),
    baked: Number(row.baked),
    expiries: row.expiries,
    ...(row.task === undefined && IDLE),
  };
}

/** A host that nobody is invited to or works on. */
export const IDLE = {
  work: 'idle',
  task: null,
  queued_at: null,
  invited_at: null,
  lease_until: null,
  stop: 0,
} as const;

/** Stores what became of a host, with the counters of its batch; `extra` are columns beside the rules. */
export async function storeHost(
  queries: Queries,
  before: LedgerHost,
  after: HostRow,
  extra: Partial<LedgerHost> = {},
): Promise<void> {
  const { rollout, number } = before;
  await updateRow(queries, 'rollout_hosts', { rollout, number }, { ...toColumns(after), ...extra });
  if (before.batch === null) return;
  const delta = countsDelta(toHostRow(before), after);
  if (!isNothing(delta)) await addToBatch(queries, rollout, before.batch, delta);
}

function isNothing({ states, ...tallies }: BatchCounts): boolean {
  return [...Object.values(states), ...Object.values(tallies)].every((count) => count === 0);
}

/** Moves the counters of a batch. */
export async function addToBatch(
  queries: Queries,
  rollout: string,
  number: number,
  delta: BatchCounts,
): Promise<void> {
  const [batch] = await countsOf(queries, { rollout, number });
  if (!batch) throw new RangeError(`rollout ${rollout} has no batch ${number}`);
  const sum = addCounts(JSON.parse(batch.counts) as BatchCounts, delta);
  await updateRow(queries, 'batches', { rollout, number }, { counts: JSON.stringify(sum) });
}

const countsOf = prepared((queries, slot: Slot<{ rollout: string; number: number }>) =>
  queries
    .selectFrom('batches')
    .select('counts')
    .where('rollout', '=', slot('rollout'))
    .where('number', '=', slot('number')),
);

/** A host of a rollout by its number; undefined where there is none. */
export async function findHost(
  queries: Queries,
  rollout: string,
  number: number,
): Promise<LedgerHost | undefined> {
  return findRow(queries, 'rollout_hosts', { rollout, number });
}
