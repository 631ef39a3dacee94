import { insertRows, type NewHostRow, type Queries } from '#ledger';
import type { Host } from '#inventory';
import { emptyCounts, type PlannedBatch } from '#rollout';
import { batchNumbers, plannedHost, type NewHost } from './host-rows.ts';

/** Stores the hosts of a new rollout, and what of each was frozen. */
export async function insertHosts(
  queries: Queries,
  rollout: string,
  hosts: Host[],
  batches: Pick<PlannedBatch, 'number' | 'size'>[],
): Promise<void> {
  const batchOf = batchNumbers(batches);
  const rows = hosts.map((host, number) =>
    plannedHost(host, number, { batch: batchOf[number] ?? 1, failureDomain: undefined }),
  );
  await insertNewHosts(queries, rollout, rows);
}

/** The same for rows that are ready. */
export async function insertNewHosts(
  queries: Queries,
  rollout: string,
  hosts: readonly NewHost[],
): Promise<void> {
  await insertRows(
    queries,
    'rollout_hosts',
    hosts.map((host) => rowOf(rollout, host)),
    UNTOUCHED,
  );
  await insertRows(
    queries,
    'host_specs',
    hosts.map(({ number, groups, connection, traits }) => {
      return { rollout, number, groups, connection, traits };
    }),
  );
}

/** Batches in which nothing has happened. */
export async function insertBatches(
  queries: Queries,
  rollout: string,
  batches: readonly PlannedBatch[],
): Promise<void> {
  await insertRows(
    queries,
    'batches',
    batches.map((batch) => {
      const counts = emptyCounts();
      counts.states.pending = batch.size;
      return {
        rollout,
        number: batch.number,
        state: 'pending',
        size: batch.size,
        delay: batch.delay,
        bake: batch.bake,
        approval: Number(batch.approval),
        max_failures: batch.maxFailures ?? null,
        max_unreachable: batch.maxUnreachable ?? null,
        worked: 0,
        waived: '[]',
        counts: JSON.stringify(counts),
      };
    }),
  );
}

/** Columns that may be nothing are nothing. */
function rowOf(rollout: string, host: NewHost): Partial<NewHostRow> {
  const { groups: _, connection: __, traits: ___, ...row } = host;
  return {
    rollout,
    ...row,
    state: row.batch === null ? 'excluded' : 'pending',
  };
}

const UNTOUCHED = {
  acknowledged: 0,
  unchanged: 0,
  changed: 0,
  retried: 0,
  roll_back_after: 0,
  work: 'idle',
  delivery: 0,
  epoch: 0,
  expiries: 0,
  stop: 0,
} as const;
