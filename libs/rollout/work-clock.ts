import type { Instant, RolloutView } from './view.ts';
import { isWaitingForWindow } from './window-wait.ts';

/**
 * Whether the time of a rollout runs, which the deadlines of its batches and hosts are measured in: it stands still
 * while paused, frozen, outside every window of the hosts that wait, and without a worker for any of them.
 */
export function isWorkTime(view: RolloutView, now: Instant): boolean {
  if (view.state !== 'running' || view.freeze) return false;
  return !isWaitingForWindow(view, now) && !isWithoutWorker(view);
}

function isWithoutWorker({ atWork, held, next }: RolloutView): boolean {
  const waits = atWork === 0 && next.forward.length === 0 && held.length > 0;
  return waits && held.every(({ reason }) => reason.code === 'no_worker');
}
