import type { BatchState } from './states.ts';
import type { BatchView, StandingTrip } from './view.ts';

/**
 * The state of a batch after a rollback or at the end of its rollout, from what it has been through. At the end
 * (`over`) a batch whose gate was never judged is `skipped`.
 */
export function batchStateAfter(
  batch: BatchView,
  trips: readonly StandingTrip[],
  over = false,
): BatchState {
  const { bakeUntil, counts, passedAt, startedAt, state } = batch;
  if (counts.states.rolled_back > 0 && counts.changed === 0) return 'rolled_back';
  if (passedAt !== undefined) return state === 'skipped' ? 'skipped' : 'passed';
  if (trips.some((trip) => trip.batch === batch.number)) return 'tripped';
  if (over) return 'skipped';
  if (startedAt === undefined) return state === 'waiting' ? 'waiting' : 'pending';
  return bakeUntil === undefined ? 'running' : 'baking';
}
