import { formatDuration } from '#units';
import { currentBatch } from '../view/current-batch.ts';
import type { Decision } from '../view/decision.ts';
import type { Reason } from '../view/states.ts';
import { hasBegun } from './start.ts';
import { hasEnded } from './trip.ts';
import type { ApprovalView, BatchView, Instant, RolloutView } from '../view/view.ts';

/** A batch is judged; the next one starts only when people have approved. */
export function askApproval(view: RolloutView, batch: BatchView): Decision | undefined {
  const asks = batch.approval && hasEnded(batch) && isBeforeNext(view, batch);
  if (!asks || isApproved(view, batch)) return undefined;
  return { kind: 'askApproval', batch: batch.number };
}

/** Only a gate that something new lies behind is asked for: not the last, and none before a batch that has started. */
function isBeforeNext({ batches }: RolloutView, { number }: BatchView): boolean {
  const next = batches.find((each) => each.number > number && each.passedAt === undefined);
  return next !== undefined && next.startedAt === undefined;
}

function isApproved({ approval, strategy }: RolloutView, { number }: BatchView): boolean {
  return approval?.batch === number && approval.by.length >= strategy.approval.approvers;
}

/** Who does not answer in time has not approved: before the start that is the end, later a person has to go on. */
export function expireApproval(view: RolloutView, now: Instant): Decision | undefined {
  if (view.state !== 'pending_approval') return undefined;
  if (!view.approval) return { kind: 'askApproval', batch: askedFor(view) };
  const until = approvalEnd(view);
  if (until === undefined || now < until) return undefined;
  return hasBegun(view)
    ? { kind: 'pause', reason: expired(view) }
    : { kind: 'finish', state: 'denied' };
}

function askedFor(view: RolloutView): number | undefined {
  return hasBegun(view) ? currentBatch(view)?.number : undefined;
}

/** Until when people are asked; undefined where nobody is. */
export function approvalEnd(view: RolloutView): Instant | undefined {
  if (view.state !== 'pending_approval' || !view.approval) return undefined;
  return view.approval.askedAt + view.strategy.approval.expires;
}

/** Why a rollout stands that nobody answered in time. */
export function expired({ approval, strategy }: RolloutView): Reason {
  const given = `${approval?.by.length ?? 0} of ${strategy.approval.approvers} approvals`;
  const message = `${given} within ${formatDuration(strategy.approval.expires)}`;
  return { code: 'approval', message };
}

/** What people are asked, and how many of them have approved. */
export function asking(
  { strategy }: Pick<RolloutView, 'strategy'>,
  { batch, by }: Pick<ApprovalView, 'batch' | 'by'>,
): Reason {
  const what = batch === undefined ? 'the start' : `the gate of batch ${batch}`;
  const message = `${what} waits for approval: ${by.length} of ${strategy.approval.approvers}`;
  return { code: 'approval', message };
}
