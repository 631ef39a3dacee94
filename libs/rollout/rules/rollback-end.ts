import type { Decision } from '../view/decision.ts';
import { isFinal, type Reason, type RolloutState } from '../view/states.ts';
import type { RolloutView } from '../view/view.ts';

/** What a rollout becomes when its rollback has ended: `rolled_back` only where each of its hosts was. */
export function rollbackEnd(view: RolloutView): Decision | undefined {
  const left = view.batches.some((batch) => batch.counts.states.rolling_back > 0);
  if (view.state !== 'rolling_back' || left || view.atWork > 0) return undefined;
  const failed = view.batches.reduce((sum, { counts }) => sum + counts.states.rollback_failed, 0);
  const all = view.batches.every(({ counts, size }) => counts.states.rolled_back === size);
  const complete = view.rollback?.scope === 'all' && all;
  const state = complete ? 'rolled_back' : stateAfter(view.rollback?.from ?? 'paused');
  const reason = reasonAfter(view, failed);
  return {
    kind: 'endRollback',
    state,
    reason: state === 'paused' ? withTrip(view, reason) : reason,
  };
}

function stateAfter(from: RolloutState): RolloutState {
  if (from === 'aborting') return 'aborted';
  if (from === 'succeeded') return 'completed_with_errors';
  return isFinal(from) ? from : 'paused';
}

function reasonAfter({ rollback }: RolloutView, failed: number): Reason {
  if (failed > 0)
    return {
      code: 'rollback_failed',
      message: `${failed} ${failed === 1 ? 'host' : 'hosts'} could not be rolled back`,
    };
  return { code: 'operator', message: `rolled back: ${describeScope(rollback)}` };
}

/** A trip that stood before the rollback still waits for an answer: the reason points to what is to be acknowledged. */
function withTrip({ trips }: RolloutView, reason: Reason): Reason {
  const trip = trips.at(-1);
  if (!trip) return reason;
  const message = `${reason.message}; decision ${trip.decision} waits for an answer: ${trip.reason.message}`;
  return { ...reason, message, decision: trip.decision };
}

/** `batch 2`, `failed hosts`, `all hosts`, `chosen hosts`. */
export function describeScope(rollback: RolloutView['rollback']): string {
  if (rollback?.scope === 'batch' && rollback.batch !== undefined) return `batch ${rollback.batch}`;
  const words = { failed: 'failed', all: 'all', hosts: 'chosen', batch: 'chosen' } as const;
  return `${words[rollback?.scope ?? 'hosts']} hosts`;
}
