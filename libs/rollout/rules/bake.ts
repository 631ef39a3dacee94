import { isOpen } from './budgets.ts';
import { currentBatch } from '../view/current-batch.ts';
import type { Decision } from '../view/decision.ts';
import { room, strictRoom } from './forward.ts';
import { hasEnded } from './trip.ts';
import type { BatchView, Instant, RolloutView } from '../view/view.ts';
import { wait } from './wait.ts';

/** States in which a bake runs on. */
const BAKING: RolloutView['state'][] = ['running', 'pending_approval', 'paused'];

/** After the last host of a batch has ended, where no trip stands in it and there is something to check. */
export function startBake(view: RolloutView, batch: BatchView): Decision | undefined {
  const stands = view.trips.some((trip) => trip.batch === batch.number);
  const begins = isDone(batch) && batch.bakeUntil === undefined && view.working.bake === 0;
  return BAKING.includes(view.state) && begins && !stands
    ? { kind: 'startBake', batch: batch.number }
    : undefined;
}

/** What is checked once more can fail: not while a trip stands, and in strict mode as forward. */
export function checkBaked(view: RolloutView): Decision | undefined {
  if (!BAKING.includes(view.state) || view.trips.length > 0) return undefined;
  const places = Math.max(0, Math.min(room(view), strictRoom(view)));
  const hosts = view.next.bake.slice(0, places);
  return hosts.length > 0 ? { kind: 'dispatch', direction: 'bake', hosts } : undefined;
}

/** The gate is judged when the time is over and every host was checked. */
export function waitForBake(
  view: RolloutView,
  batch: BatchView,
  now: Instant,
): Decision | undefined {
  const { bakeUntil, counts } = batch;
  if (!isDone(batch)) return undefined;
  if (bakeUntil === undefined || bakeUntil > now) return wait(undefined, bakeUntil, view.nextDue);
  const checked = counts.baked === counts.states.succeeded;
  return checked ? undefined : wait(view.held[0]?.reason, view.nextDue);
}

/** When the bake of the current batch ends and its hosts are to be checked; undefined where none is under way. */
export function bakeEnd(view: Pick<RolloutView, 'batches'>, now = -Infinity): Instant | undefined {
  const batch = currentBatch(view);
  if (!batch || !isDone(batch) || batch.bakeUntil === undefined) return undefined;
  return batch.bakeUntil > now ? batch.bakeUntil : undefined;
}

function isDone(batch: BatchView): boolean {
  return batch.bake > 0 && isOpen(batch) && hasEnded(batch) && batch.counts.states.succeeded > 0;
}
