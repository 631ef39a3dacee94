import { setImmediate as nextTick } from 'node:timers/promises';
import type { Host } from '#inventory';
import type { NewHostRow, Queries } from '#ledger';
import type { PlannedBatch } from '#rollout';
import { chunks } from '../chunks.ts';

/** Rows a statement; more make it no faster. */
const ROWS = 100;
/** The event loop gets its turn after so many rows. */
const TURN = 1000;

/** Stores the hosts of a new rollout, and what of each was frozen. */
export async function insertHosts(
  queries: Queries,
  rollout: string,
  hosts: Host[],
  batches: PlannedBatch[],
): Promise<void> {
  const batchOf = batches.flatMap(({ number, size }) => Array<number>(size).fill(number));
  const rows = hosts.map((host, number) => newHost(rollout, host, number, batchOf[number] ?? null));
  for (const turn of chunks(rows, TURN)) {
    for (const some of chunks(turn, ROWS))
      await queries.insertInto('rollout_hosts').values(some).execute();
    await nextTick();
  }
  const specs = hosts.map(({ groups, connection }, number) => ({
    rollout,
    number,
    groups: JSON.stringify(groups),
    connection: JSON.stringify(connection),
    facts_before: null,
    facts_after: null,
  }));
  for (const turn of chunks(specs, TURN)) {
    for (const some of chunks(turn, ROWS))
      await queries.insertInto('host_specs').values(some).execute();
    await nextTick();
  }
}

function newHost(rollout: string, host: Host, number: number, batch: number | null): NewHostRow {
  const { name, site, connection } = host;
  return {
    rollout,
    number,
    name,
    site,
    address: `${connection.address}:${connection.port}`,
    batch,
    state: 'pending',
    outcome: null,
    acknowledged: 0,
    unchanged: 0,
    changed: 0,
    covered_by: null,
    retried: 0,
    roll_back_after: 0,
    work: 'idle',
    task: null,
    delivery: 0,
    queued_at: null,
    invited_at: null,
    epoch: 0,
    worker: null,
    lease_until: null,
    expiries: 0,
    stop: 0,
    due_at: null,
    work_from: null,
    reason: null,
    code: null,
    message: null,
    remedy: null,
    signature: null,
    step: null,
    started_at: null,
    ended_at: null,
  };
}
