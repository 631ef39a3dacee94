import type { Moment } from '../view/asking.ts';
import type { Change } from '../view/change.ts';
import { ended } from '../rules/ended.ts';
import { invalidRequest } from './refusals.ts';
import { stay } from '../rules/roll-back.ts';
import { hasBegun } from '../rules/start.ts';
import { stopping } from '../rules/stopping.ts';
import type { Asked } from './verbs.ts';

/**
 * Pending hosts are cancelled at once; the rollout is `aborted` when those at work have ended. One that never began has
 * nothing to drain and nothing to roll back: it ends at once.
 */
export function planAbort(view: Moment, verb: Asked<'abort'>): Change {
  const message = verb.note ? `aborted: ${verb.note}` : 'aborted by a person';
  const reason = { code: 'operator', message } as const;
  if (verb.rollback === 'batch' && view.lastTripped === undefined) throw nothingTripped();
  if (!hasBegun(view)) return ended(view, { state: 'aborted', reason });
  return {
    ...stay(view),
    state: 'aborting',
    reason,
    hosts: [
      { select: { states: ['pending', 'queued'] }, set: 'cancel' },
      { select: { states: ['rolling_back'], idle: true }, set: 'stopRollBack' },
      ...stopping(verb.inflight),
    ],
    rollback: undefined,
    abort: { final: 'aborted', inflight: verb.inflight, rollback: verb.rollback },
    ...(view.approval && { approval: 'none' }),
  };
}

function nothingTripped() {
  return invalidRequest(
    'rollback',
    'no batch has tripped, so there is none to roll back',
    'Abort with rollback all or none.',
  );
}
