import type { Queries } from '#ledger';
import { emptyCounts, type Decision } from '#rollout';
import { chunks } from '../chunks.ts';
import { addToBatch } from '../claims/host-row.ts';

type Dispatching = Extract<Decision, { kind: 'dispatch' }>;

const AT_ONCE = 500;

/** Makes hosts `queued`, each under a new delivery; the invitations go out once this is on the disk. Answers how many. */
export async function dispatchHosts(
  queries: Queries,
  rollout: string,
  { direction, hosts }: Dispatching,
  now: number,
): Promise<number> {
  let dispatched = 0;
  for (const some of chunks(hosts, AT_ONCE)) {
    const rows = await queries
      .updateTable('rollout_hosts')
      .set(({ eb }) => ({
        ...(direction === 'forward' && { state: 'queued' }),
        work: 'queued',
        task: direction,
        delivery: eb('delivery', '+', 1),
        queued_at: now,
        invited_at: null,
      }))
      .where('rollout', '=', rollout)
      .where('number', 'in', some)
      .where('work', 'not in', ['queued', 'claimed'])
      .returning('batch')
      .execute();
    dispatched += rows.length;
    if (direction !== 'forward') continue;
    for (const [batch, of] of Map.groupBy(rows, (row) => row.batch)) {
      const delta = emptyCounts();
      delta.states.pending -= of.length;
      delta.states.queued += of.length;
      if (batch !== null) await addToBatch(queries, rollout, batch, delta);
    }
  }
  return dispatched;
}
