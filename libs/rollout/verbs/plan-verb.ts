import { planAbort } from './abort.ts';
import { planAdvance } from './advance.ts';
import { planApprove, planDeny } from './approve.ts';
import type { Asking, Moment } from '../view/asking.ts';
import type { Change } from '../view/change.ts';
import { planPatch } from './patch.ts';
import { conflict, invalidRequest, requireAllowed } from './refusals.ts';
import { planResume } from './resume.ts';
import { planRetry } from './retry.ts';
import { rollBackChange, stay, type RollbackTarget } from '../rules/roll-back.ts';
import { planSkip } from './skip.ts';
import { stopping } from '../rules/stopping.ts';
import type { Asked, Verb } from './verbs.ts';
import type { RolloutView } from '../view/view.ts';

/**
 * Checks what a person asks against the rollout and says what it changes, as data. What `refresh` and `extend` do to
 * hosts is the ledger's part: here only whether they may. Throws `conflict` (with allowedActions) where the state does
 * not allow it, `lock_conflict` where its hosts belong to another rollout, `forbidden` where the requester approves,
 * `invalid_request` where the body lacks something.
 */
export function planVerb(rollout: RolloutView, verb: Verb, asking: Asking): Change {
  const view: Moment = { ...rollout, now: asking.now };
  const named = asking.named ?? [];
  refuseWhileRollingBack(view, verb);
  if (verb.kind !== 'patch') requireAllowed(view, verb.kind);
  refuseWhileFrozen(view, verb);
  switch (verb.kind) {
    case 'approve':
      return planApprove(view, verb, asking);
    case 'deny':
      return planDeny(view, verb);
    case 'pause':
      return pause(view, verb);
    case 'advance':
      return planAdvance(view);
    case 'resume':
      return planResume(view, verb);
    case 'retry':
      return planRetry(view, verb, named);
    case 'rollback':
      return rollback(view, verb, asking);
    case 'abort':
      return planAbort(view, verb);
    case 'skip':
      return planSkip(view, verb, named);
    case 'refresh':
    case 'extend':
      return stay(view);
    case 'patch':
      return planPatch(view, verb);
    default:
      throw new TypeError(verb satisfies never);
  }
}

function refuseWhileRollingBack(view: Moment, verb: Verb): void {
  if (verb.kind !== 'abort' || view.state !== 'rolling_back' || verb.stopRollback) return;
  throw conflict(view, 'the rollout is rolling back', {
    remedy: 'Wait until it has ended, or abort with stopRollback to leave the rest as it is.',
  });
}

/** Nothing forward can be set going until the freeze has ended. */
function refuseWhileFrozen(view: Moment, { kind }: Verb): void {
  if (!view.freeze || (kind !== 'resume' && kind !== 'retry')) return;
  throw conflict(view, `everything is frozen: ${view.freeze.reason.message}`, {
    remedy: `Wait until the freeze has ended, then ${kind} it.`,
    details: { reason: view.freeze.reason },
  });
}

/** At once: queued hosts go back; hosts at work drain, or are told to stop at the next safe point. */
function pause(view: Moment, { inflight, note }: Asked<'pause'>): Change {
  return {
    ...stay(view),
    state: 'paused',
    reason: { code: 'operator', message: note ? `paused: ${note}` : 'paused by a person' },
    hosts: [
      { select: { states: ['queued'] }, set: 'requeue' },
      ...stopping(inflight ?? view.strategy.inflight),
    ],
  };
}

function rollback(view: Moment, { scope, batch }: Asked<'rollback'>, { named }: Asking): Change {
  const target: RollbackTarget = {
    scope,
    batch: scope === 'batch' ? chosenBatch(view, batch) : undefined,
    hosts: scope === 'hosts' ? [...(named ?? [])] : undefined,
  };
  return rollBackChange(view, ...intended(view), target);
}

/** What an abort was to roll back once it had drained is not forgotten. */
function intended({ abort: intent, lastTripped }: Moment): RollbackTarget[] {
  if (!intent || intent.rollback === 'none') return [];
  return [{ scope: intent.rollback, batch: intent.rollback === 'batch' ? lastTripped : undefined }];
}

function chosenBatch(view: Moment, asked: number | undefined): number {
  const number = asked ?? view.lastTripped;
  if (number === undefined)
    throw invalidRequest(
      'batch',
      'no batch has tripped, so the batch must be named',
      'Name it: `batch: 1`.',
    );
  if (view.batches.some((batch) => batch.number === number)) return number;
  const message = `there is no batch ${number}; the last is batch ${view.batches.length}`;
  throw invalidRequest('batch', message, 'Name a batch of this rollout.');
}
