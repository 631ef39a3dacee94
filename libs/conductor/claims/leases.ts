import type { HostRow as LedgerHost, Queries } from '#ledger';
import type { Engine } from '../engine.ts';
import { LEASE, SILENCE } from './constants.ts';
import { endLease } from './end-claim.ts';
import { judge } from './judge.ts';

/** Ends the leases that ran out; their hosts go again, the third time they are `lost`. */
export async function expireLeases(engine: Engine): Promise<void> {
  const now = engine.clock.now();
  const found = await engine.ledger.read((queries) => expired(queries, now));
  if (found.length === 0) return;
  const rollouts = new Set<string>();
  await engine.write(async (queries) => {
    for (const host of await expired(queries, now)) {
      await endLease(engine, queries, host);
      rollouts.add(host.rollout);
    }
    for (const rollout of rollouts) await judge(engine, queries, rollout);
  });
  for (const rollout of rollouts) engine.wake(rollout);
}

/**
 * After a start, or a stall of `gap` milliseconds, nobody could renew: all leases get one more term before any ends,
 * and workers that were there before the stall count as there.
 */
export async function extendLeases(engine: Engine, gap = 0): Promise<void> {
  const now = engine.clock.now();
  await engine.write(async (queries) => {
    await queries
      .updateTable('rollout_hosts')
      .set({ lease_until: now + LEASE })
      .where('work', '=', 'claimed')
      .execute();
    await queries
      .updateTable('workers')
      .set({ last_beat: now })
      .where('last_beat', '>', now - gap - SILENCE)
      .execute();
  });
}

async function expired(queries: Queries, now: number): Promise<LedgerHost[]> {
  return queries
    .selectFrom('rollout_hosts')
    .selectAll()
    .where('work', '=', 'claimed')
    .where('lease_until', '<', now)
    .limit(200)
    .execute();
}
