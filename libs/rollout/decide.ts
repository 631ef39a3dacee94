import { approvalEnd, askApproval, expireApproval } from './rules/approval.ts';
import { bakeEnd, checkBaked, startBake, waitForBake } from './rules/bake.ts';
import { currentBatch } from './view/current-batch.ts';
import type { Decision } from './view/decision.ts';
import { delay } from './rules/delay.ts';
import { forward, room, startBatch } from './rules/forward.ts';
import { freeze } from './rules/freeze.ts';
import { passGate, skipBatch } from './rules/gate.ts';
import { rollbackEnd } from './rules/rollback-end.ts';
import { start } from './rules/start.ts';
import { isFinal } from './view/states.ts';
import { findTrip, nextDeadline } from './rules/trip.ts';
import type { BatchView, Instant, RolloutView } from './view/view.ts';
import { wait } from './rules/wait.ts';
import { nextWindow, waitForWindow } from './rules/window-wait.ts';

type Rule = (view: RolloutView, now: Instant) => Decision | undefined;

/** What is next for a rollout: the first rule of the table that applies. Reads no clock, changes nothing. */
export function decide(view: RolloutView, now: Instant): Decision {
  for (const { decide: rule } of RULES) {
    const decision = rule(view, now);
    if (decision) return decision;
  }
  return wait(view.reason, view.nextDue);
}

/** First match wins; the order is the policy. */
export const RULES: { name: string; decide: Rule }[] = [
  // ended: nothing happens by itself any more
  { name: 'at_rest', decide: rest },
  // people are asked for so long and no longer
  { name: 'approval_expired', decide: expireApproval },
  // its time has come: it takes its hosts, or says why it cannot
  { name: 'start', decide: start },
  // a budget, a batch without success or a deadline: before anything else starts, also while paused
  { name: 'trip', decide: findTrip },
  // nothing forward happens anywhere: it waits for a person
  { name: 'freeze', decide: freeze },
  // rollbacks take free places first
  { name: 'roll_back', decide: rollBack },
  // every chosen host has ended and nothing is at work
  { name: 'end_rollback', decide: rollbackEnd },
  // an aborted rollout drains, rolls back if asked, and is over
  { name: 'abort', decide: abort },
  // hosts that were lost are looked at, which changes nothing on them
  { name: 'probe', decide: probe },
  // the bake of a batch has ended: its hosts are checked once more, also while paused
  { name: 'check_baked', decide: checkBaked },
  // all hosts of a batch have ended: its bake begins, also while paused
  { name: 'start_bake', decide: onCurrent(startBake) },
  // not running: nothing forward
  { name: 'hold', decide: hold },
  // every gate is open and no lost host is waited for
  { name: 'finish', decide: finish },
  // a batch of skipped hosts alone needs no gate
  { name: 'skip_batch', decide: onCurrent(skipBatch) },
  // it bakes, or its hosts are being checked once more
  { name: 'bake', decide: onCurrent(waitForBake) },
  // its gate opens only when people say so
  { name: 'ask_approval', decide: onCurrent(askApproval) },
  // all hosts of the batch have ended and no rule tripped: its gate opens
  { name: 'pass_gate', decide: onCurrent(passGate) },
  // the delay of the batch before has not passed
  { name: 'delay', decide: onCurrent(delay) },
  // no host that waits may start now
  { name: 'window', decide: onCurrent(waitForWindow) },
  // the first host of a batch is about to be dispatched
  { name: 'start_batch', decide: onCurrent(startBatch) },
  // retried hosts first, then by number, up to the concurrency
  { name: 'go_forward', decide: forward },
  // hosts are at work, or cannot be worked on
  { name: 'wait', decide: idle },
];

type BatchRule = (view: RolloutView, batch: BatchView, now: Instant) => Decision | undefined;

function onCurrent(rule: BatchRule): Rule {
  return (view, now) => {
    const batch = currentBatch(view);
    return batch && rule(view, batch, now);
  };
}

function rest(view: RolloutView): Decision | undefined {
  return isFinal(view.state) ? wait(view.reason) : undefined;
}

function rollBack(view: RolloutView): Decision | undefined {
  if (view.state !== 'rolling_back' || view.freeze?.rollbacks) return undefined;
  const hosts = view.next.back.slice(0, room(view));
  return hosts.length > 0 ? { kind: 'dispatch', direction: 'back', hosts } : undefined;
}

const PROBED: RolloutView['state'][] = ['running', 'pending_approval', 'paused', 'rolling_back'];

function probe(view: RolloutView): Decision | undefined {
  const hosts = view.next.probe.slice(0, room(view));
  return PROBED.includes(view.state) && hosts.length > 0
    ? { kind: 'dispatch', direction: 'probe', hosts }
    : undefined;
}

function abort(view: RolloutView): Decision | undefined {
  if (view.state !== 'aborting') return undefined;
  if (view.atWork > 0) return wait(view.reason);
  const { final, rollback } = view.abort ?? { final: 'aborted', rollback: 'none' };
  return rollback === 'none'
    ? { kind: 'finish', state: final }
    : { kind: 'startRollback', scope: rollback };
}

function hold(view: RolloutView): Decision | undefined {
  if (view.state === 'running') return undefined;
  if (view.state === 'rolling_back') {
    const frozen = view.freeze?.rollbacks ? view.freeze.reason : undefined;
    return wait(frozen ?? view.held[0]?.reason ?? view.reason, view.nextDue);
  }
  return wait(view.reason, view.nextDue, approvalEnd(view), bakeEnd(view));
}

function finish(view: RolloutView): Decision | undefined {
  if (currentBatch(view)) return undefined;
  const { atWork, held, next, nextDue } = view;
  if (atWork > 0 || next.probe.length > 0 || nextDue !== undefined || held.length > 0)
    return wait(held[0]?.reason, nextDue);
  const all = view.batches.every((batch) => batch.counts.states.succeeded === batch.size);
  return { kind: 'finish', state: all ? 'succeeded' : 'completed_with_errors' };
}

function idle(view: RolloutView, now: Instant): Decision {
  const reason = room(view) > 0 ? view.held[0]?.reason : undefined;
  return wait(reason, view.nextDue, nextDeadline(view, now), nextWindow(view, now));
}
