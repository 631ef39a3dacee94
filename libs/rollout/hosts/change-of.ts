import { asking, expired } from '../rules/approval.ts';
import { batchStateAfter } from '../view/batch-state.ts';
import type { BatchChange, Change } from '../view/change.ts';
import type { Decision } from '../view/decision.ts';
import { ended } from '../rules/ended.ts';
import { isSkipped } from '../rules/gate.ts';
import { rollBackChange, stay } from '../rules/roll-back.ts';
import { stopping } from '../rules/stopping.ts';
import { tripChange } from '../rules/trip-change.ts';
import type { Instant, RolloutView } from '../view/view.ts';

/** Decisions that change the ledger; dispatching is its own transaction, and waiting none. */
export type Moving = Exclude<Decision, { kind: 'dispatch' | 'wait' }>;

/**
 * What a decision changes. A trip is, besides, added to `view.trips` with the number it is stored under, and makes
 * its batch `lastTripped`.
 */
export function changeOf(view: RolloutView, decision: Moving, now: Instant): Change {
  switch (decision.kind) {
    case 'start':
      return start(view);
    case 'trip':
      return tripChange(view, decision);
    case 'pause':
      return pause(view, decision);
    case 'startBake':
      return startBake(view, decision.batch, now);
    case 'askApproval':
      return askApproval(view, decision.batch, now);
    case 'startBatch':
      return withBatches(view, { number: decision.batch, state: 'running', started: true });
    case 'passGate':
      return passGate(view, decision.batch);
    case 'skipBatch':
      return withBatches(view, ...skipped(view, decision.batch));
    case 'startRollback':
      return rollBackChange(view, {
        scope: decision.scope,
        batch: decision.scope === 'batch' ? view.lastTripped : undefined,
      });
    case 'endRollback':
      return ended(view, decision);
    case 'finish':
      return finish(view, decision);
    default:
      throw new TypeError(decision satisfies never);
  }
}

function withBatches(view: RolloutView, ...batches: BatchChange[]): Change {
  return { ...stay(view), batches };
}

/** Its hosts are its own from now. */
function start(view: RolloutView): Change {
  const batches = announced(view, undefined);
  return { ...stay(view), state: 'running', reason: undefined, take: true, batches };
}

function pause(view: RolloutView, { reason }: Extract<Decision, { kind: 'pause' }>): Change {
  return {
    ...stay(view),
    state: 'paused',
    reason,
    hosts: [
      { select: { states: ['queued'] }, set: 'requeue' },
      ...stopping(view.strategy.inflight),
    ],
    approval: 'none',
  };
}

function startBake(view: RolloutView, number: number, now: Instant): Change {
  const bake = view.batches.find((batch) => batch.number === number)?.bake ?? 0;
  return {
    ...withBatches(view, { number, state: 'baking', bakeUntil: now + bake }),
    hosts: [{ select: { batches: [number] }, set: 'bake' }],
  };
}

function askApproval(view: RolloutView, batch: number | undefined, now: Instant): Change {
  const approval = { batch, askedAt: now, by: [] };
  const reason = asking(view, approval);
  const batches = batch === undefined ? [] : [{ number: batch, state: 'waiting' as const }];
  return { ...stay(view), state: 'pending_approval', reason, batches, approval };
}

function passGate(view: RolloutView, number: number): Change {
  const change = withBatches(view, opened(view, number), ...announced(view, number));
  return view.approval ? { ...change, approval: 'none' } : change;
}

/** And the batches right after it of which nothing is left either. */
function skipped({ batches }: RolloutView, first: number): BatchChange[] {
  const rest = batches.filter(({ number }) => number > first);
  const end = rest.findIndex((batch) => batch.passedAt !== undefined || !isSkipped(batch));
  const alike = end === -1 ? rest : rest.slice(0, end);
  return [first, ...alike.map(({ number }) => number)].map((number) => ({
    number,
    state: 'skipped',
    gate: 'open',
  }));
}

function opened(view: RolloutView, number: number): BatchChange {
  const batch = view.batches.find((each) => each.number === number);
  const undone = batch !== undefined && batchStateAfter(batch, []) === 'rolled_back';
  return { number, state: undone ? 'rolled_back' : 'passed', gate: 'open' };
}

/** The batch that is next waits: for the delay, a window, a worker. */
function announced(view: RolloutView, opening: number | undefined): BatchChange[] {
  const next = view.batches.find(
    ({ number, passedAt }) => number !== opening && passedAt === undefined,
  );
  return next?.state === 'pending' ? [{ number: next.number, state: 'waiting' }] : [];
}

/** Why it ended is kept where it did not reach its end. */
function finish(view: RolloutView, { state }: Extract<Decision, { kind: 'finish' }>): Change {
  if (state === 'denied') return ended(view, { state, reason: expired(view) });
  const cut = state === 'aborted' || state === 'failed';
  return ended(view, { state, reason: cut ? view.reason : undefined });
}
