import type { Instant, RolloutView } from '../view/view.ts';
import { isWaitingForWindow } from './window-wait.ts';

/**
 * Whether the time of a rollout runs, which the deadlines of its batches and hosts are measured in: it stands still
 * while paused, frozen, outside every window of the hosts that wait, and without a worker for any of them. Rollbacks
 * know no windows, and only some freezes.
 */
export function isWorkTime(view: RolloutView, now: Instant): boolean {
  if (view.state === 'running')
    return !view.freeze && !isWaitingForWindow(view, now) && !isWithoutWorker(view, 'forward');
  if (view.state === 'rolling_back')
    return !view.freeze?.rollbacks && !isWithoutWorker(view, 'back');
  return view.state === 'aborting';
}

function isWithoutWorker({ atWork, held, next }: RolloutView, task: 'forward' | 'back'): boolean {
  const waits = atWork === 0 && next[task].length === 0 && held.length > 0;
  return waits && held.every(({ reason }) => reason.code === 'no_worker');
}
