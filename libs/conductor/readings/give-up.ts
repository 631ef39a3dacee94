import { READING, type HostRow as LedgerHost, type Queries } from '#ledger';
import { storeHost, toHostRow } from '../claims/host-row.ts';
import { liveSites, loadHolds, type Hold } from '../claims/workers.ts';
import type { Engine } from '../engine.ts';

/** Milliseconds that a reading waits for a worker of a site. */
const PATIENCE = 20_000;
const AT_ONCE = 500;

/** A reading waits for nobody: hosts that cannot be read for a fault of our own side end with what that is. */
export async function giveUpReadings(engine: Engine): Promise<void> {
  const now = engine.clock.now();
  const waiting = await engine.ledger.read((queries) => waitingHosts(queries));
  if (waiting.length === 0) return;
  const touched = new Set<string>();
  await engine.write(async (queries) => {
    const live = await liveSites(queries, now);
    const holds = await loadHolds(queries, now);
    for (const { created_at, ...host } of await waitingHosts(queries)) {
      const isLate = now - created_at > PATIENCE;
      const why = isLate && !live.includes(host.site) ? noWorker(host) : heldBy(host, holds);
      if (!why) continue;
      const ended = { state: 'unreachable', outcome: 'unreachable' } as const;
      await storeHost(
        queries,
        host,
        { ...toHostRow(host), ...ended },
        { ...why, remedy: REMEDY, ended_at: now },
      );
      touched.add(host.rollout);
    }
  });
  for (const id of touched) engine.wake(id);
}

const REMEDY = 'Look at the workers of the site and at their log, then read it again.';

/** Hosts of readings that nobody is invited to. */
async function waitingHosts(queries: Queries): Promise<(LedgerHost & { created_at: number })[]> {
  return queries
    .selectFrom('rollouts')
    .innerJoin('rollout_hosts', 'rollout_hosts.rollout', 'rollouts.id')
    .selectAll('rollout_hosts')
    .select(['rollouts.created_at as created_at'])
    .where('rollouts.purpose', '=', READING)
    .where('rollouts.state', '=', 'running')
    .where('rollout_hosts.state', '=', 'pending')
    .where('rollout_hosts.work', '=', 'idle')
    .limit(AT_ONCE)
    .execute();
}

function noWorker({ site }: LedgerHost) {
  return { code: 'site_unavailable', message: `no worker of the site ${site} was heard of lately` };
}

function heldBy({ site, credential }: LedgerHost, holds: Hold[]) {
  const hold = holds.find(
    (each) => each.site === site && ['', credential].includes(each.credential),
  );
  return hold && { code: hold.code, message: hold.message };
}
