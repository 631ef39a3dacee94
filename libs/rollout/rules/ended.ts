import { batchStateAfter } from '../view/batch-state.ts';
import type { Change } from '../view/change.ts';
import { stay } from './roll-back.ts';
import { isFinal, type RolloutState } from '../view/states.ts';
import type { RolloutView } from '../view/view.ts';

/** The rollback is over, or the whole rollout: what was never reached will not be. */
export function ended(
  view: RolloutView,
  { state, reason }: { state: RolloutState; reason: Change['reason'] },
): Change {
  const over = isFinal(state);
  return {
    ...stay(view),
    state,
    reason,
    batches: view.batches
      .map((batch) => ({ number: batch.number, state: batchStateAfter(batch, view.trips, over) }))
      .filter((change, index) => change.state !== view.batches[index]?.state),
    hosts: over ? [{ select: { states: ['pending', 'queued'] }, set: 'cancel' }] : [],
    rollback: undefined,
    abort: undefined,
    ...(view.approval && { approval: 'none' }),
  };
}
