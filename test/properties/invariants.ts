import { isDeepStrictEqual } from 'node:util';
import { expect } from 'vitest';
import {
  allowedActions,
  budgets,
  findTrip,
  recount,
  totalCounts,
  tripsAt,
  type BatchView,
  type Decision,
  type HostRow,
  type RolloutView,
} from '#rollout';
import type { Action } from './actions.ts';
import type { Model } from './model.ts';

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
  'no more hosts are at work than `concurrency`': ({ after }) => {
    expect(after.atWork).toBeLessThanOrEqual(after.strategy.concurrency);
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

  'failures never exceed `tripsAt` + concurrency - 1': ({ after }) => {
    for (const { tally, tolerance } of budgets(after))
      expect(tally.open).toBeLessThanOrEqual(tolerance + after.strategy.concurrency);
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

  'no rollback starts by itself': ({ action, before, after }) => {
    if (after.state !== 'rolling_back' || before.state === 'rolling_back') return;
    const verb = action.do === 'verb' ? action.verb.kind : undefined;
    const aborted = before.state === 'aborting' && before.abort?.rollback !== 'none';
    expect(verb === 'rollback' || verb === 'abort' || aborted).toBe(true);
  },

  'no batch starts before the gates before it are open and its delay has passed': ({
    model,
    decisions,
  }) => {
    for (const { decision, before } of decisions) {
      if (decision.kind !== 'startBatch') continue;
      const earlier = before.batches.filter((batch) => batch.number < decision.batch);
      expect(earlier.every((batch) => batch.passedAt !== undefined)).toBe(true);
      const last = earlier.at(-1);
      if (last?.passedAt !== undefined)
        expect(model.now).toBeGreaterThanOrEqual(last.passedAt + last.delay);
    }
  },

  'a verb that allowedActions does not name changes nothing': ({ action, before, after }) => {
    if (action.do !== 'verb' || allowedActions(before).includes(action.verb.kind)) return;
    expect(after).toEqual(before);
  },

  'a final state is left by a rollback alone': ({ action, before, after }) => {
    if (allowedActions(before).some((verb) => verb !== 'rollback') || before.state === 'aborting')
      return;
    const asked = action.do === 'verb' && action.verb.kind === 'rollback';
    if (!asked && before.state !== 'rolling_back') expect(after.state).toBe(before.state);
  },
};

function isSound(row: HostRow): boolean {
  switch (row.state) {
    case 'succeeded':
      return row.outcome === 'succeeded' && !(row.unchanged && row.changed) && !row.task;
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
    case 'excluded':
      return false;
    default:
      throw new TypeError(row.state satisfies never);
  }
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
