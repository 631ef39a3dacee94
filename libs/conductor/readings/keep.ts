import type { Outcome } from '#api';
import type { HostRow as LedgerHost, Queries } from '#ledger';
import { updateRegistered } from '../claims/registry.ts';
import { toJson } from '../json.ts';

/** What a reading found on a host: all of it with the reading, what every claim tells of a host for the fleet. */
export async function keepReading(
  queries: Queries,
  host: LedgerHost,
  now: number,
  { state, after }: Outcome,
): Promise<void> {
  if (state !== 'succeeded' || after === undefined) return;
  await queries
    .updateTable('host_specs')
    .set({ facts_after: toJson(after) })
    .where('rollout', '=', host.rollout)
    .where('number', '=', host.number)
    .execute();
  await updateRegistered(queries, host, { facts: toJson(summaryOf(after)), last_seen_at: now });
}

/** `found` is everything that the host said: too much to be kept for every host of the fleet. */
function summaryOf(facts: unknown): unknown {
  if (typeof facts !== 'object' || facts === null || !('found' in facts)) return facts;
  const {
    found: _,
    faults: __,
    trees: ___,
    ...summary
  } = {
    faults: undefined,
    trees: undefined,
    ...facts,
  };
  return summary;
}
