import { isDeepStrictEqual } from 'node:util';
import { expect } from 'vitest';
import {
  allowedActions,
  budgets,
  findTrip,
  isFinal,
  recount,
  totalCounts,
  tripsAt,
  type BatchView,
  type Decision,
  type HostRow,
  type RolloutView,
} from '#rollout';
import type { Action } from './actions.ts';
import { REQUESTER, type Model, type Seen } from './model.ts';

/** One step of a rollout: what was, what happened, what is now. */
export interface Step {
  model: Model;
  before: RolloutView;
  after: RolloutView;
  action: Action;
  /** Made in this step, each on its own view. */
  decisions: { decision: Decision; before: RolloutView }[];
}

/** What holds after every step, whatever happens and in whatever order. */
export const INVARIANTS: Record<string, (step: Step) => void> = {
  'no more hosts are at work than `concurrency`, but those that were when a person lowered it': ({
    before,
    after,
  }) => {
    const most = Math.max(after.strategy.concurrency, before.atWork);
    expect(after.atWork).toBeLessThanOrEqual(most);
  },

  'counters equal a recount and add up to the planned hosts': ({ model, after }) => {
    for (const batch of after.batches) {
      const anew = recount(model.hosts.filter((row) => row.batch === batch.number));
      if (!isDeepStrictEqual(batch.counts, anew)) expect(batch.counts).toEqual(anew);
      const sum = Object.values(batch.counts.states).reduce((all, hosts) => all + hosts, 0);
      expect(sum).toBe(batch.size);
    }
  },

  'what a host ended with, what it is at work on and its state agree': ({ model }) => {
    expect(model.hosts.filter((row) => !isSound(row))).toEqual([]);
  },

  'a running rollout stands below `tripsAt` of every open batch': ({ after }) => {
    if (after.state !== 'running' || isRetrying(after)) return;
    expect(findTrip(after)?.reason.code ?? 'deadline').toBe('deadline');
    for (const batch of open(after))
      expect(failed(after, batch)).toBeLessThan(tripsAt(after, batch));
  },

  'a trip comes when `tripsAt` is reached, not before': ({ decisions }) => {
    for (const { decision, before } of decisions) {
      if (decision.kind !== 'trip' || decision.reason.code !== 'failure_budget') continue;
      if (before.trips.length > 0) continue;
      expect(open(before).some((batch) => failed(before, batch) >= tripsAt(before, batch))).toBe(
        true,
      );
    }
  },

  'failures never exceed `tripsAt` + concurrency - 1, and in strict mode not even `tripsAt`': ({
    model,
    after,
  }) => {
    if (isLoosened(model)) return;
    const { concurrency, strict } = after.strategy;
    const beyond = strict ? 0 : concurrency - 1 + lateOnes(model);
    for (const { tally, tolerance } of budgets(after))
      expect(tally.open).toBeLessThanOrEqual(tolerance + 1 + beyond);
  },

  'no more failures of one signature in strict mode than trip it': ({ model, after }) => {
    const { maxSameSignature: tolerance, strict } = after.strategy;
    if (!strict || tolerance === undefined || isLoosened(model)) return;
    for (const { open: hosts } of after.signatures)
      expect(hosts).toBeLessThanOrEqual(tolerance + 1);
  },

  'of a failure domain no more hosts are at work than its share': ({ after }) => {
    for (const [domain, hosts] of Object.entries(after.domainsAtWork))
      expect(hosts).toBeLessThanOrEqual(after.strategy.domains[domain] ?? Infinity);
  },

  'nothing forward is dispatched after a trip, while paused, rolling back or aborting': ({
    decisions,
  }) => {
    for (const { decision, before } of decisions) {
      if (decision.kind !== 'dispatch' || decision.direction !== 'forward') continue;
      expect(before.state).toBe('running');
      expect(before.trips).toEqual([]);
      expect(findTrip(before)).toBeUndefined();
    }
  },

  'nothing forward is dispatched in a freeze, outside a window, or before the rollout owns its hosts':
    ({ decisions }) => {
      for (const { decision, before } of decisions) {
        if (decision.kind !== 'dispatch' || decision.direction !== 'forward') continue;
        expect(before.freeze).toBeUndefined();
        expect(before.owned).toBe(true);
        expect(before.window?.shut === true && before.windowWaivedUntil === undefined).toBe(false);
        const offered = before.next.forward.map(({ number }) => number);
        expect(offered).toEqual(expect.arrayContaining(decision.hosts));
      }
    },

  'a freeze that stops rollbacks stops them': ({ decisions }) => {
    for (const { decision, before } of decisions)
      if (decision.kind === 'dispatch' && decision.direction === 'back')
        expect(before.freeze?.rollbacks ?? false).toBe(false);
  },

  'hosts are checked again only when the bake of their batch has ended and no trip stands': ({
    decisions,
  }) => {
    for (const { decision, before } of decisions)
      if (decision.kind === 'dispatch' && decision.direction === 'bake')
        expect(before.trips).toEqual([]);
  },

  'a gate opens only after its bake and its checks': ({ decisions }) => {
    for (const { decision, before } of decisions) {
      const batch = gateOf(decision, before);
      if (!batch || batch.bake === 0 || batch.counts.states.succeeded === 0) continue;
      expect(batch.bakeUntil).toBeDefined();
      expect(batch.counts.baked).toBe(batch.counts.states.succeeded);
    }
  },

  'a gate that people are asked for opens only when enough of them said yes': ({ decisions }) => {
    for (const { decision, before } of decisions) {
      const batch = gateOf(decision, before);
      const next = before.batches.find(
        (each) => batch && each.number > batch.number && each.passedAt === undefined,
      );
      if (!batch?.approval || !next || next.startedAt !== undefined) continue;
      expect(before.approval?.batch).toBe(batch.number);
      expect(before.approval?.by.length).toBeGreaterThanOrEqual(before.strategy.approval.approvers);
    }
  },

  'nobody approves twice, and never the one who asked': ({ after }) => {
    const by = after.approval?.by ?? [];
    expect(new Set(by).size).toBe(by.length);
    expect(by).not.toContain(REQUESTER);
  },

  'what needs approval starts only with it': ({ model, decisions }) => {
    for (const { decision, before } of decisions)
      if (decision.kind === 'start' && before.strategy.approval.required)
        expect(model.seen.some(isApproval)).toBe(true);
  },

  'nothing starts before its time': ({ model, decisions }) => {
    for (const { decision, before } of decisions)
      if (decision.kind === 'start')
        expect(before.strategy.startAt ?? 0).toBeLessThanOrEqual(model.now);
  },

  'new numbers never undo a trip': ({ action, before, after }) => {
    if (action.do !== 'verb' || action.verb.kind !== 'patch') return;
    expect(after.trips.slice(0, before.trips.length)).toEqual(before.trips);
    if (before.trips.length > 0) expect(after.state).not.toBe('running');
  },

  'no host is queued forward unless the rollout runs': ({ after }) => {
    if (after.state !== 'running') expect(totalCounts(after.batches).states.queued).toBe(0);
  },

  'a late result never undoes a trip': ({ action, before, after }) => {
    if (action.do === 'verb' || before.trips.length === 0) return;
    expect(after.trips.slice(0, before.trips.length)).toEqual(before.trips);
    expect(after.state).not.toBe('running');
  },

  'a rollback touches only hosts that this rollout changed': ({ model, before, after }) => {
    const chosen = model.hosts.filter(
      ({ state }) => state.startsWith('roll') && state !== 'rolled_back',
    );
    expect(chosen.filter((row) => !row.changed)).toEqual([]);
    const [was, is] = [totalCounts(before.batches), totalCounts(after.batches)];
    const gained = is.states.rolled_back - was.states.rolled_back;
    if (gained > 0) expect(was.changed - is.changed).toBeGreaterThanOrEqual(gained);
  },

  'a rollback starts when a person or the plan asks for it, and never because of another one': ({
    action,
    before,
    after,
    decisions,
  }) => {
    if (after.state !== 'rolling_back' || before.state === 'rolling_back') return;
    const verb = action.do === 'verb' ? action.verb.kind : undefined;
    const aborted = before.state === 'aborting' && before.abort?.rollback !== 'none';
    const tripped = decisions.some(
      ({ decision, before: at }) =>
        decision.kind === 'trip' &&
        at.trips.length === 0 &&
        at.state !== 'rolling_back' &&
        at.strategy.onTrip.startsWith('rollback'),
    );
    expect(verb === 'rollback' || verb === 'abort' || aborted || tripped).toBe(true);
  },

  'no batch starts before the gates before it are open and its delay has passed or was ended': ({
    model,
    decisions,
  }) => {
    for (const { decision, before } of decisions) {
      if (decision.kind !== 'startBatch') continue;
      const earlier = before.batches.filter((batch) => batch.number < decision.batch);
      expect(earlier.every((batch) => batch.passedAt !== undefined)).toBe(true);
      const last = earlier.findLast((batch) => batch.state !== 'skipped');
      const waived = before.batches.some((b) => b.number === decision.batch && b.delayWaived);
      if (last?.passedAt !== undefined && !waived)
        expect(model.now).toBeGreaterThanOrEqual(last.passedAt + last.delay);
    }
  },

  'a verb that allowedActions does not name changes nothing': ({
    model,
    action,
    before,
    after,
  }) => {
    if (action.do !== 'verb' || action.verb.kind === 'patch') return;
    if (allowedActions(before, model.now).includes(action.verb.kind)) return;
    expect(after).toEqual(before);
  },

  'a final state is left by a rollback alone': ({ action, before, after }) => {
    if (!isFinal(before.state)) return;
    const asked = action.do === 'verb' && action.verb.kind === 'rollback';
    if (!asked) expect(after.state).toBe(before.state);
  },
};

function isSound(row: HostRow): boolean {
  switch (row.state) {
    case 'succeeded':
      return (
        row.outcome === 'succeeded' &&
        !(row.unchanged && row.changed) &&
        (row.task === undefined || row.task === 'bake')
      );
    case 'failed':
      return row.outcome === 'failed' && !row.task;
    case 'unreachable':
      return row.outcome === 'unreachable' && !row.changed && !row.task;
    case 'lost':
      return row.outcome === 'lost' && row.task !== 'forward' && row.task !== 'back';
    case 'pending':
    case 'cancelled':
      return row.outcome === undefined && !row.task;
    case 'queued':
    case 'running':
      return row.outcome === undefined && row.task === 'forward';
    case 'rolling_back':
      return row.task !== 'forward';
    case 'rolled_back':
      return !row.changed && !row.task;
    case 'rollback_failed':
      return !row.task;
    case 'skipped':
      return row.outcome === undefined && !row.task && !row.acknowledged;
    case 'excluded':
      return false;
    default:
      throw new TypeError(row.state satisfies never);
  }
}

/** A person changed the numbers, or sent hosts again while a budget was exceeded: what had failed stays. */
function isLoosened(model: Model): boolean {
  return model.seen.some(
    (each) =>
      (each.kind === 'verb' && each.verb.kind === 'patch') ||
      (isRetrying(each.before) &&
        budgets(each.before).some(({ tally, tolerance }) => tally.open > tolerance)),
  );
}

/** Hosts whose lease ran out and that may still end late: they are at work no longer, but may fail. */
function lateOnes(model: Model): number {
  return model.hosts.filter(({ expiries }) => expiries > 0).length;
}

function gateOf(decision: Decision, before: RolloutView): BatchView | undefined {
  if (decision.kind !== 'passGate') return undefined;
  return before.batches.find(({ number }) => number === decision.batch);
}

function isApproval(seen: Seen): boolean {
  return seen.kind === 'verb' && seen.verb.kind === 'approve' && seen.change.state === 'scheduled';
}

function isRetrying(view: RolloutView): boolean {
  return view.batches.some((batch) => batch.counts.retrying > 0);
}

function open(view: RolloutView): BatchView[] {
  return view.batches.filter((b) => b.startedAt !== undefined && b.passedAt === undefined);
}

/** Acknowledged ones count as failures here. */
function failed({ strategy }: RolloutView, batch: BatchView): number {
  const { counts } = batch;
  const alone = counts.failures + counts.acknowledgedFailures;
  return batch.maxUnreachable === undefined && strategy.maxUnreachable === undefined
    ? alone + counts.unreachables + counts.acknowledgedUnreachables
    : alone;
}
