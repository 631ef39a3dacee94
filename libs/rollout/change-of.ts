import { batchStateAfter } from './batch-state.ts';
import type { BatchChange, Change } from './change.ts';
import { coveredHosts } from './covered-hosts.ts';
import type { Decision } from './decision.ts';
import { rollBackChange, stay } from './roll-back.ts';
import { isFinal, type RolloutState } from './states.ts';
import type { RolloutView } from './view.ts';

/** Decisions that change the ledger; dispatching is its own transaction, and waiting none. */
export type Moving = Exclude<Decision, { kind: 'dispatch' | 'wait' }>;

/**
 * What a decision changes. A trip is, besides, added to `view.trips` with the number it is stored under, and makes
 * its batch `lastTripped`.
 */
export function changeOf(view: RolloutView, decision: Moving): Change {
  switch (decision.kind) {
    case 'trip':
      return trip(view, decision);
    case 'startBatch':
      return withBatches(view, { number: decision.batch, state: 'running', started: true });
    case 'passGate':
      return withBatches(view, opened(view, decision.batch), ...announced(view, decision.batch));
    case 'skipBatch':
      return withBatches(view, { number: decision.batch, state: 'skipped', gate: 'open' });
    case 'startRollback':
      return rollBackChange(view, {
        scope: decision.scope,
        batch: decision.scope === 'batch' ? view.lastTripped : undefined,
      });
    case 'endRollback':
      return ended(view, decision);
    case 'finish':
      return ended(view, {
        state: decision.state,
        reason: decision.state === 'aborted' ? view.reason : undefined,
      });
    default:
      throw new TypeError(decision satisfies never);
  }
}

function withBatches(view: RolloutView, ...batches: BatchChange[]): Change {
  return { ...stay(view), batches };
}

/** Hosts in `queued` go back at once; those at work drain, or are told to stop at the next safe point. */
function trip(view: RolloutView, decision: Extract<Decision, { kind: 'trip' }>): Change {
  const { batch, evidence, reason } = decision;
  return {
    ...stay(view),
    state: 'paused',
    reason,
    batches: [{ number: batch, state: 'tripped' }],
    hosts: [
      { select: { states: ['queued'] }, set: 'requeue' },
      ...coveredHosts(view, { batch, reason, scope: evidence.scope }).map((select) => ({
        select,
        set: 'cover' as const,
      })),
      ...(view.strategy.inflight === 'cancel'
        ? [{ select: { states: ['running' as const] }, set: 'stop' as const }]
        : []),
    ],
  };
}

function opened(view: RolloutView, number: number): BatchChange {
  const batch = view.batches.find((each) => each.number === number);
  const undone = batch !== undefined && batchStateAfter(batch, []) === 'rolled_back';
  return { number, state: undone ? 'rolled_back' : 'passed', gate: 'open' };
}

/** The batch that is next waits for the delay. */
function announced(view: RolloutView, opening: number): BatchChange[] {
  const next = view.batches.find(
    ({ number, passedAt }) => number !== opening && passedAt === undefined,
  );
  return next?.state === 'pending' ? [{ number: next.number, state: 'waiting' }] : [];
}

/** The rollback is over, or the whole rollout: what was never reached will not be. */
function ended(
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
  };
}
