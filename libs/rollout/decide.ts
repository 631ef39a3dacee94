import { isOpen } from './budgets.ts';
import type { Decision } from './decision.ts';
import { gateEvidence } from './gate.ts';
import { rollbackEnd } from './rollback-end.ts';
import { isFinal, type Reason } from './states.ts';
import { findTrip, hasEnded, isOverBudget, isRetrying } from './trip.ts';
import type { BatchView, HostNumber, Instant, RolloutView } from './view.ts';

/** What is next for a rollout: the first rule of the table that applies. Reads no clock, changes nothing. */
export function decide(view: RolloutView, now: Instant): Decision {
  for (const { decide: rule } of RULES) {
    const decision = rule(view, now);
    if (decision) return decision;
  }
  return wait(view.reason, view.nextDue);
}

/** First match wins; the order is the policy. */
export const RULES: {
  name: string;
  decide: (view: RolloutView, now: Instant) => Decision | undefined;
}[] = [
  // ended, or not begun: nothing happens by itself
  { name: 'at_rest', decide: rest },
  // a budget, a batch without success or a deadline: before anything else starts, also while paused
  { name: 'trip', decide: findTrip },
  // rollbacks take free places first
  { name: 'roll_back', decide: (view) => dispatch(view, 'back', ['rolling_back']) },
  // every chosen host has ended and nothing is at work
  { name: 'end_rollback', decide: rollbackEnd },
  // an aborted rollout drains, rolls back if asked, and is over
  { name: 'abort', decide: abort },
  // hosts that were lost are looked at, which changes nothing on them
  {
    name: 'probe',
    decide: (view) => dispatch(view, 'probe', ['running', 'paused', 'rolling_back']),
  },
  // paused or rolling back: nothing forward
  { name: 'hold', decide: hold },
  // every gate is open and no lost host is waited for
  { name: 'finish', decide: finish },
  // a batch of skipped hosts alone needs no gate
  { name: 'skip_batch', decide: onCurrent(skipBatch) },
  // all hosts of the batch have ended and no rule tripped: its gate opens
  { name: 'pass_gate', decide: onCurrent(passGate) },
  // the delay of the batch before has not passed
  { name: 'delay', decide: onCurrent(delay) },
  // the first host of a batch is about to be dispatched
  { name: 'start_batch', decide: onCurrent(startBatch) },
  // retried hosts first, then by number, up to the concurrency
  { name: 'go_forward', decide: forward },
  // hosts are at work, or their sites cannot be worked on
  { name: 'wait', decide: idle },
];

/** The first batch whose gate is not open. */
export function currentBatch(view: Pick<RolloutView, 'batches'>): BatchView | undefined {
  return view.batches.find((batch) => batch.passedAt === undefined);
}

function wait(reason: Reason | undefined, ...instants: (Instant | undefined)[]): Decision {
  const due = instants.filter((instant) => instant !== undefined);
  return { kind: 'wait', until: due.length > 0 ? Math.min(...due) : undefined, reason };
}

function rest(view: RolloutView): Decision | undefined {
  const begun = view.state !== 'pending_approval' && view.state !== 'scheduled';
  return begun && !isFinal(view.state) ? undefined : wait(view.reason);
}

function room(view: RolloutView): number {
  return Math.max(0, view.strategy.concurrency - view.atWork);
}

function dispatch(
  view: RolloutView,
  direction: 'back' | 'probe',
  states: RolloutView['state'][],
): Decision | undefined {
  const hosts = view.next[direction].slice(0, room(view));
  return states.includes(view.state) && hosts.length > 0
    ? { kind: 'dispatch', direction, hosts }
    : undefined;
}

function abort(view: RolloutView): Decision | undefined {
  if (view.state !== 'aborting') return undefined;
  if (view.atWork > 0) return wait(view.reason);
  const scope = view.abort?.rollback ?? 'none';
  return scope === 'none' ? { kind: 'finish', state: 'aborted' } : { kind: 'startRollback', scope };
}

function hold(view: RolloutView): Decision | undefined {
  if (view.state === 'running') return undefined;
  const held = view.state === 'rolling_back' ? view.held[0]?.reason : undefined;
  return wait(held ?? view.reason, view.nextDue);
}

function finish(view: RolloutView): Decision | undefined {
  if (currentBatch(view)) return undefined;
  const { atWork, held, next, nextDue } = view;
  if (atWork > 0 || next.probe.length > 0 || nextDue !== undefined || held.length > 0)
    return wait(held[0]?.reason, nextDue);
  const all = view.batches.every((batch) => batch.counts.states.succeeded === batch.size);
  return { kind: 'finish', state: all ? 'succeeded' : 'completed_with_errors' };
}

type BatchRule = (view: RolloutView, batch: BatchView, now: Instant) => Decision | undefined;

function onCurrent(rule: BatchRule): (view: RolloutView, now: Instant) => Decision | undefined {
  return (view, now) => {
    const batch = currentBatch(view);
    return batch && rule(view, batch, now);
  };
}

function skipBatch(_: RolloutView, { number, size, counts }: BatchView): Decision | undefined {
  return counts.states.skipped === size ? { kind: 'skipBatch', batch: number } : undefined;
}

function passGate(view: RolloutView, batch: BatchView): Decision | undefined {
  if (!hasEnded(batch)) return undefined;
  return { kind: 'passGate', batch: batch.number, evidence: gateEvidence(view, batch) };
}

/** Applies once, before the first dispatch of a batch: a gate that opens again delays nothing that has started. */
function delay(view: RolloutView, batch: BatchView, now: Instant): Decision | undefined {
  const until = delayEnd(view, batch);
  return until !== undefined && until > now ? wait(undefined, until, view.nextDue) : undefined;
}

/** When a batch that has not started may start; undefined where no delay comes before it. */
export function delayEnd(view: RolloutView, batch: BatchView): Instant | undefined {
  if (batch.startedAt !== undefined) return undefined;
  const before = view.batches.findLast(
    (each) => each.number < batch.number && each.state !== 'skipped',
  );
  return before?.passedAt === undefined ? undefined : before.passedAt + before.delay;
}

function startBatch(view: RolloutView, batch: BatchView): Decision | undefined {
  const begins = batch.startedAt === undefined && forwardHosts(view).length > 0;
  return begins ? { kind: 'startBatch', batch: batch.number } : undefined;
}

function forward(view: RolloutView): Decision | undefined {
  const hosts = forwardHosts(view);
  return hosts.length > 0 ? { kind: 'dispatch', direction: 'forward', hosts } : undefined;
}

/** While a retry is answered for a budget that is still exceeded, nothing but the retried hosts starts. */
function forwardHosts(view: RolloutView): HostNumber[] {
  const { forward: hosts, retries } = view.next;
  const retriedAlone = isRetrying(view) && isOverBudget(view);
  return hosts.slice(0, Math.min(room(view), retriedAlone ? retries : hosts.length));
}

function idle(view: RolloutView, now: Instant): Decision {
  const deadlines = view.batches
    .filter((batch) => isOpen(batch) && !hasEnded(batch) && !batch.waived.includes('deadline'))
    .map((batch) => now + view.strategy.batchTimeout - batch.workedFor);
  const reason = room(view) > 0 ? view.held[0]?.reason : undefined;
  return wait(reason, view.nextDue, ...deadlines);
}
