import { conflict, invalidRequest, requireAllowed } from './refusals.ts';
import type { Change } from './change.ts';
import type { NamedHost } from './host.ts';
import { planResume, planRetry } from './resume.ts';
import { rollBackChange, stay, type RollbackTarget } from './roll-back.ts';
import type { Verb } from './verbs.ts';
import type { RolloutView } from './view.ts';

type Asked<K extends Verb['kind']> = Extract<Verb, { kind: K }>;

/**
 * Checks a verb against the rollout and says what it changes, as data. `named` are the hosts of a verb that names
 * some. Throws `conflict` (with allowedActions) where the state does not allow it, `invalid_request` where the body
 * lacks something.
 */
export function planVerb(view: RolloutView, verb: Verb, named: readonly NamedHost[] = []): Change {
  if (verb.kind === 'abort' && view.state === 'rolling_back' && !verb.stopRollback)
    throw conflict(view, 'the rollout is rolling back', {
      remedy: 'Wait until it has ended, or abort with stopRollback to leave the rest as it is.',
    });
  requireAllowed(view, verb.kind);
  switch (verb.kind) {
    case 'pause':
      return pause(view, verb);
    case 'resume':
      return planResume(view, verb);
    case 'retry':
      return planRetry(view, verb, named);
    case 'rollback':
      return rollback(view, verb, named);
    case 'abort':
      return abort(view, verb);
    default:
      throw new TypeError(verb satisfies never);
  }
}

/** At once: queued hosts go back; hosts at work drain, or are told to stop at the next safe point. */
function pause(view: RolloutView, { inflight, note }: Asked<'pause'>): Change {
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

function stopping(inflight: 'drain' | 'cancel'): Change['hosts'] {
  return inflight === 'cancel' ? [{ select: { states: ['running'] }, set: 'stop' }] : [];
}

function rollback(
  view: RolloutView,
  { scope, batch }: Asked<'rollback'>,
  named: readonly NamedHost[],
): Change {
  const target: RollbackTarget = {
    scope,
    batch: scope === 'batch' ? chosenBatch(view, batch) : undefined,
    hosts: scope === 'hosts' ? [...named] : undefined,
  };
  return rollBackChange(view, ...intended(view), target);
}

/** What an abort was to roll back once it had drained is not forgotten. */
function intended({ abort: intent, lastTripped }: RolloutView): RollbackTarget[] {
  if (!intent || intent.rollback === 'none') return [];
  return [{ scope: intent.rollback, batch: intent.rollback === 'batch' ? lastTripped : undefined }];
}

function chosenBatch(view: RolloutView, asked: number | undefined): number {
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

/** Pending hosts are cancelled at once; the rollout is `aborted` when those at work have ended. */
function abort(view: RolloutView, verb: Asked<'abort'>): Change {
  if (verb.rollback === 'batch') chosenBatch(view, undefined);
  return {
    ...stay(view),
    state: 'aborting',
    reason: {
      code: 'operator',
      message: verb.note ? `aborted: ${verb.note}` : 'aborted by a person',
    },
    hosts: [
      { select: { states: ['pending', 'queued'] }, set: 'cancel' },
      { select: { states: ['rolling_back'], idle: true }, set: 'stopRollBack' },
      ...stopping(verb.inflight),
    ],
    rollback: undefined,
    abort: { inflight: verb.inflight, rollback: verb.rollback },
  };
}
