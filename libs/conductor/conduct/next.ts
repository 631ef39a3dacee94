import type { Queries } from '#ledger';
import type { BatchView, HostState, RolloutView } from '#rollout';
import type { Engine } from '../engine.ts';
import { unready } from '../bundles/ready.ts';
import { loadConflict } from './conflict.ts';
import { dueHosts, nextDue, type Look } from './due-hosts.ts';
import { heldHosts, shutPlaces } from './held.ts';
import { pendingHosts } from './pending-hosts.ts';
import { loadWindows } from './windows.ts';
import { countDoubtful, countWork } from './work.ts';

/** Adds what is at work, what could be dispatched, and what hosts wait for. */
export async function addNext(
  engine: Engine,
  queries: Queries,
  view: RolloutView,
): Promise<RolloutView> {
  const now = engine.clock.now();
  const { sites, plan } = await engine.frozen.of(queries, view.id);
  const shut = await shutPlaces(queries, sites, now);
  const limit = Math.min(view.strategy.concurrency, 1000);
  const look: Look = { queries, rollout: view.id, now, sites, shut, limit };
  const batch = currentOf(view);
  const work = await countWork(queries, view);
  const { window, zones } = await loadWindows(look, { view, batch, zone: plan.timezone });
  const forward = batch?.counts.states.pending
    ? await pendingHosts(look, { view, batch, zones, work })
    : [];
  const held = await heldHosts(look, batch?.number);
  const bundle = isDue(view, now) ? await unready(engine, queries, view.id) : undefined;
  return {
    ...view,
    bundle,
    ...work,
    doubtful: await countDoubtful(queries, view.id),
    conflict: await loadConflict(queries, { ...view, bundle }, now),
    next: {
      forward: forward.map(({ number, domain, doubtful }) => ({ number, domain, doubtful })),
      retries: forward.filter(({ retried }) => retried).length,
      back: has(view, 'rolling_back') ? await dueHosts(look, 'rolling_back') : [],
      probe: isRecovered(view) || !has(view, 'lost') ? [] : await dueHosts(look, 'lost'),
      bake: isRecovered(view) ? [] : await bakedHosts(look, view),
    },
    window,
    held: held.map(({ site, reason, hosts }) => ({ site, reason, hosts })),
    nextDue: await nextDue(
      look,
      held.map(({ until }) => until),
    ),
  };
}

/** About to start: its time has come. */
function isDue({ state, strategy }: RolloutView, now: number): boolean {
  return state === 'scheduled' && (strategy.startAt ?? 0) <= now;
}

/** The counters of the batches save asking for hosts that are not there. */
function has({ batches }: RolloutView, state: HostState): boolean {
  return batches.some(({ counts }) => counts.states[state] > 0);
}

/** Paused because the ledger was restored: not even a look at a host before a person says so. */
function isRecovered({ state, reason }: RolloutView): boolean {
  return state === 'paused' && reason?.code === 'recovered';
}

/** The first batch whose gate is not open. */
function currentOf({ batches }: RolloutView): BatchView | undefined {
  return batches.find(({ passedAt }) => passedAt === undefined);
}

/** Hosts that are to be checked once more, of batches whose bake has ended. */
async function bakedHosts(look: Look, { batches }: RolloutView): Promise<number[]> {
  const ended = batches.filter(
    ({ state, bakeUntil }) =>
      state === 'baking' && bakeUntil !== undefined && bakeUntil <= look.now,
  );
  if (ended.length === 0) return [];
  return dueHosts(
    look,
    'succeeded',
    ended.map(({ number }) => number),
  );
}
