import type { Change } from '../view/change.ts';
import { coveredHosts } from './covered-hosts.ts';
import type { Decision } from '../view/decision.ts';
import { rollBackChange, stay } from './roll-back.ts';
import { stopping } from './stopping.ts';
import type { RolloutView } from '../view/view.ts';

type Trip = Extract<Decision, { kind: 'trip' }>;

/** The rollout stands still at once, and does in the same transaction what its plan says of a trip. */
export function tripChange(view: RolloutView, trip: Trip): Change {
  const paused = pausedBy(view, trip);
  if (isAttended(view)) return paused;
  switch (view.strategy.onTrip) {
    case 'pause':
      return paused;
    case 'rollback-batch':
      return rolledBack(view, paused, { scope: 'batch', batch: trip.batch });
    case 'rollback-all':
      return rolledBack(view, paused, { scope: 'all' });
    case 'abort':
      return aborted(view, paused);
    default:
      throw new TypeError(view.strategy.onTrip satisfies never);
  }
}

/**
 * A person is there already: paused by one, after a rollback, or with a trip that waits for an answer. So a rollback
 * never starts another one.
 */
function isAttended({ reason, state, trips }: RolloutView): boolean {
  if (trips.length > 0) return true;
  return state === 'paused' && (reason?.code === 'operator' || reason?.code === 'rollback_failed');
}

/** Hosts in `queued` go back at once; those at work drain, or are told to stop at the next safe point. */
function pausedBy(view: RolloutView, { batch, evidence, reason, signature }: Trip): Change {
  const scope = { batch, reason, scope: evidence.scope, ...(signature && { signature }) };
  return {
    ...stay(view),
    state: 'paused',
    reason,
    batches: [{ number: batch, state: 'tripped' }],
    hosts: [
      { select: { states: ['queued'] }, set: 'requeue' },
      ...coveredHosts(view, scope).map((select) => ({ select, set: 'cover' as const })),
      ...stopping(view.strategy.inflight),
    ],
    ...(view.approval && { approval: 'none' }),
  };
}

/** When it has ended the trip still stands, and a person says how to go on. */
function rolledBack(
  view: RolloutView,
  paused: Change,
  target: { scope: 'batch' | 'all'; batch?: number },
): Change {
  const change = rollBackChange({ ...view, state: 'paused' }, target);
  const touched = new Set(change.batches.map(({ number }) => number));
  const batches = paused.batches.filter(({ number }) => !touched.has(number));
  return {
    ...paused,
    state: change.state,
    batches: [...batches, ...change.batches],
    hosts: [...paused.hosts, ...change.hosts],
    rollback: change.rollback,
  };
}

/** It is over once those at work have ended. */
function aborted({ strategy }: RolloutView, paused: Change): Change {
  return {
    ...paused,
    state: 'aborting',
    hosts: [...paused.hosts, { select: { states: ['pending', 'queued'] }, set: 'cancel' }],
    abort: { final: 'failed', inflight: strategy.inflight, rollback: 'none' },
  };
}
