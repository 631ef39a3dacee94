import { countBatches, type Queries } from '#ledger';
import { windowAt, type BatchCounts } from '#rollout';
import type { World } from '#simulator';
import { isDeepStrictEqual } from 'node:util';
import type { Scenario } from './scenarios.ts';

/** Looks at the ledger at the end of every transaction, and says what must not be. */
export function watch({ sketch, person }: Scenario, complain: (what: string) => void) {
  const { strategy } = sketch;
  const deliveries = new Map<number, number>();
  let counted = '';
  return async (queries: Queries, world: World): Promise<void> => {
    const rollout = await queries.selectFrom('rollouts').select(['id', 'state']).executeTakeFirst();
    if (!rollout) return;
    const working = await queries
      .selectFrom('rollout_hosts')
      .select(['number', 'name', 'work', 'task', 'delivery', 'domain'])
      .where('work', 'in', ['queued', 'claimed'])
      .execute();
    if (working.length > strategy.concurrency)
      complain(`${working.length} hosts are at work, at most ${strategy.concurrency} may be`);
    const believed = [...world.workers].reduce((all, worker) => all + worker.believed().length, 0);
    if (believed > strategy.concurrency)
      complain(`workers have ${believed} hosts, at most ${strategy.concurrency} may be at work`);

    const forward = working.filter(({ task }) => task === 'forward');
    const queued = forward.filter(({ work }) => work === 'queued');
    if (queued.length > 0 && rollout.state !== 'running')
      complain(`${queued.length} hosts are invited forward while it is ${rollout.state}`);
    const now = world.clock.now();
    for (const { number, name, delivery } of queued) {
      if (deliveries.get(number) === delivery) continue;
      deliveries.set(number, delivery);
      const { windows, timezone: planZone } = sketch.plan;
      const zones = { planZone, hostZone: undefined };
      if (!windowAt(windows, zones, now, strategy.hostTimeout).open)
        complain(`${name} is invited outside of every window`);
    }
    for (const [domain, most] of Object.entries(strategy.domains)) {
      const of = forward.filter((host) => host.domain === domain).length;
      if (of > most) complain(`${of} hosts of ${domain} are at work, at most ${most} may be`);
    }
    await watchCounts(queries, rollout.id);
  };

  async function watchCounts(queries: Queries, rollout: string): Promise<void> {
    const batches = await queries
      .selectFrom('batches')
      .select(['number', 'size', 'counts', 'max_failures', 'max_unreachable'])
      .where('rollout', '=', rollout)
      .execute();
    const text = batches.map(({ counts }) => counts).join();
    if (text === counted) return;
    counted = text;
    const anew = await countBatches(queries, rollout);
    let failures = 0;
    for (const batch of batches) {
      const counts = JSON.parse(batch.counts) as BatchCounts;
      const sum = Object.values(counts.states).reduce((all, hosts) => all + hosts, 0);
      if (sum !== batch.size) complain(`batch ${batch.number} counts ${sum} of ${batch.size}`);
      if (!isDeepStrictEqual(counts, anew.get(batch.number)))
        complain(`batch ${batch.number} counts ${batch.counts}, not what its hosts are`);
      const apart = batch.max_unreachable !== null || strategy.maxUnreachable !== undefined;
      failures += counts.stickyFailures + (apart ? 0 : counts.unreachables);
      const held = batch.max_failures ?? (strategy.maxFailures === undefined ? 0 : Infinity);
      const own = counts.failures + (apart ? 0 : counts.unreachables);
      if (isStrict() && own > held + 1)
        complain(`batch ${batch.number} has ${own} failures, it trips at ${held + 1}`);
    }
    const most = (strategy.maxFailures ?? Infinity) + 1;
    if (isStrict() && failures > most)
      complain(`the rollout has ${failures} failures, it trips at ${most}`);
  }

  /** A retry runs again what failed, while the others still count. */
  function isStrict(): boolean {
    return strategy.strict && person !== 'retries';
  }
}
