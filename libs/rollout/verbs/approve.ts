import { GofleetError } from '#errors';
import { asking as askedFor } from '../rules/approval.ts';
import type { Asking, Moment } from '../view/asking.ts';
import type { Change } from '../view/change.ts';
import { ended } from '../rules/ended.ts';
import { conflict } from './refusals.ts';
import { stay } from '../rules/roll-back.ts';
import { hasBegun } from '../rules/start.ts';
import type { Asked } from './verbs.ts';
import type { ApprovalView } from '../view/view.ts';

/** One more person says yes; with enough of them the rollout may start, or its gate opens once it is judged again. */
export function planApprove(view: Moment, verb: Asked<'approve'>, asking: Asking): Change {
  const approval = requireAsked(view);
  refuseRequester(asking);
  refuseOtherDigest(view, verb, asking);
  if (approval.by.includes(asking.token))
    throw conflict(view, 'this token has approved already; another person has to', {
      remedy: 'Ask somebody else to approve it.',
    });
  const given: ApprovalView = { ...approval, by: [...approval.by, asking.token] };
  if (given.by.length < view.strategy.approval.approvers)
    return { ...stay(view), reason: askedFor(view, given), approval: given };
  return hasBegun(view)
    ? { ...stay(view), state: 'running', reason: undefined, approval: given }
    : { ...stay(view), state: 'scheduled', reason: undefined, approval: 'none' };
}

/** Before the start that is the end; later it is aborted, so that it can still be rolled back. */
export function planDeny(view: Moment, { note }: Asked<'deny'>): Change {
  const reason = { code: 'approval', message: note ? `denied: ${note}` : 'denied' } as const;
  if (!hasBegun(view)) return ended(view, { state: 'denied', reason });
  return {
    ...stay(view),
    state: 'aborting',
    reason,
    hosts: [{ select: { states: ['pending', 'queued'] }, set: 'cancel' }],
    abort: { final: 'aborted', inflight: 'drain', rollback: 'none' },
    approval: 'none',
  };
}

function requireAsked(view: Moment): ApprovalView {
  if (view.approval) return view.approval;
  throw conflict(view, 'nobody is asked to approve anything');
}

function refuseRequester({ requester, token }: Asking): void {
  if (token !== requester) return;
  throw new GofleetError('forbidden', 'whoever asked for a rollout does not approve it', {
    remedy: 'Ask another person with the permission to approve.',
  });
}

function refuseOtherDigest(view: Moment, verb: Asked<'approve'>, { planDigest }: Asking): void {
  if (verb.planDigest === planDigest) return;
  throw conflict(view, 'the rollout was frozen under another planDigest than the one approved', {
    remedy: 'Read the rollout again, and approve what it says now.',
    details: { planDigest },
  });
}
