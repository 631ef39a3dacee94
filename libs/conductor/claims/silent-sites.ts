import type { HostRow as LedgerHost, Queries } from '#ledger';
import type { Engine } from '../engine.ts';
import { REDELIVER_AFTER } from './constants.ts';
import { takeBack } from './take-back.ts';
import { liveSites } from './workers.ts';

/** A site without a live worker takes no places: its invitations are taken back. */
export async function takeBackFromSilentSites(engine: Engine): Promise<void> {
  const now = engine.clock.now();
  const found = await engine.ledger.read((queries) => waitingInVain(queries, now));
  if (found.length === 0) return;
  await engine.write(async (queries) => {
    await takeBack(queries, await waitingInVain(queries, now));
  });
  for (const rollout of new Set(found.map((host) => host.rollout))) engine.wake(rollout);
}

async function waitingInVain(queries: Queries, now: number): Promise<LedgerHost[]> {
  const live = await liveSites(queries, now);
  let query = queries
    .selectFrom('rollout_hosts')
    .selectAll()
    .where('work', '=', 'queued')
    .where('queued_at', '<', now - REDELIVER_AFTER)
    .limit(200);
  if (live.length > 0) query = query.where('site', 'not in', live);
  return query.execute();
}
