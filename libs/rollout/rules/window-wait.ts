import { currentBatch } from '../view/current-batch.ts';
import type { Decision } from '../view/decision.ts';
import type { BatchView, Instant, RolloutView } from '../view/view.ts';
import { wait } from './wait.ts';

/** None of the hosts that wait may start now, unless a person ended the wait. Hosts at work are left to end. */
export function waitForWindow(
  view: RolloutView,
  batch: BatchView,
  now: Instant,
): Decision | undefined {
  if (batch.counts.states.pending === 0 || !view.window?.shut || isWaived(view, now))
    return undefined;
  const { opensAt } = view.window;
  const next =
    opensAt === undefined ? '' : `; the next opens at ${new Date(opensAt).toISOString()}`;
  const message = `outside every window${next}`;
  return wait({ code: 'window', message }, opensAt, view.nextDue);
}

/**
 * Whether a running rollout waits for a window. The wait is a stored reason, so that answers need not look at every
 * time zone.
 */
export function isWaitingForWindow(
  view: Pick<RolloutView, 'state' | 'batches' | 'reason' | 'window' | 'windowWaivedUntil'>,
  now: Instant,
): boolean {
  const waits = (currentBatch(view)?.counts.states.pending ?? 0) > 0;
  const shut = view.window ? view.window.shut : view.reason?.code === 'window';
  return view.state === 'running' && waits && shut && !isWaived(view, now);
}

/** Hosts of other zones may start later than the first. */
export function nextWindow({ window }: RolloutView, now: Instant): Instant | undefined {
  return window?.opensAt !== undefined && window.opensAt > now ? window.opensAt : undefined;
}

function isWaived({ windowWaivedUntil }: Pick<RolloutView, 'windowWaivedUntil'>, now: Instant) {
  return windowWaivedUntil !== undefined && now < windowWaivedUntil;
}
