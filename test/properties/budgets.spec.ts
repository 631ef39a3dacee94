import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { budgets, findTrip, RolloutPlan, totalCounts, type RolloutView } from '#rollout';
import { isClaimed, tryTo } from './actions.ts';
import type { Model } from './model.ts';
import { begin, settings, type Setting } from './plans.ts';

const LONG = { timeout: 600_000 };
const RUNS = { numRuns: Number(process.env['GOFLEET_PROPERTY_RUNS'] ?? 200) };

/** One batch, and how each of its hosts ends when its turn comes. */
const fates = fc.record({
  hosts: fc.integer({ min: 1, max: 30 }),
  maxFailures: fc.nat(8),
  concurrency: fc.integer({ min: 1, max: 12 }),
  strict: fc.boolean(),
  fails: fc.infiniteStream(fc.boolean()),
});

it('maxFailures N trips at failure N + 1, and at no other', LONG, () => {
  const property = fc.property(fates, ({ fails, hosts, maxFailures, ...strategy }) => {
    const model = begin(setting({ hosts, maxFailures, ...strategy }));
    model.conduct();
    let failed = 0;
    let succeeded = 0;
    while (model.view.trips.length === 0 && model.view.state === 'running') {
      const row = take(model);
      if (!row) break;
      const bad = fails.next().value === true;
      const state = bad ? 'failed' : 'succeeded';
      model.report(row, { task: 'forward', state, unchanged: false, switched: true });
      if (bad) failed += 1;
      else succeeded += 1;
      const codes = model.view.trips.map(({ reason }) => reason.code);
      expect(codes.includes('failure_budget')).toBe(failed === maxFailures + 1);
      expect(codes.includes('batch_failed')).toBe(
        failed <= maxFailures && failed === hosts && succeeded === 0,
      );
      model.conduct();
    }
  });
  fc.assert(property, RUNS);
});

it(
  'a strict rollout goes on until it ends or trips, and never fails more hosts than trip it',
  LONG,
  () => {
    const strict = settings.map((each) => ({
      ...each,
      plan: { ...each.plan, strategy: { ...each.plan.strategy, strict: true } },
    }));
    const ends = fc.infiniteStream(fc.nat(99));
    const property = fc.property(strict, ends, (chosen, fate) => {
      const model = begin({ ...chosen, state: 'running' });
      for (let turn = 0; model.view.state === 'running'; turn += 1) {
        expect(turn, 'goes on for ever').toBeLessThan(3000);
        model.conduct();
        const { view } = model;
        expect(overshoot(view)).toBe(0);
        const row = take(model);
        if (row) endSomehow(model, row, fate.next().value ?? 0);
        else if (view.state === 'running') model.pass(10_000);
      }
      expect(overshoot(model.view)).toBe(0);
    });
    fc.assert(property, RUNS);
  },
);

it('more tolerance by a PATCH never undoes a trip, less can make one', LONG, () => {
  const property = fc.property(fates, fc.nat(12), (shape, given) => {
    const model = begin(setting(shape));
    model.conduct();
    const count = { count: given };
    for (let turn = 0; turn < shape.hosts; turn += 1) {
      const row = take(model);
      if (!row) break;
      model.report(row, { task: 'forward', state: 'failed', unchanged: false, switched: true });
      model.conduct();
    }
    const before = model.view;
    const patched = tryTo(() =>
      model.act({ kind: 'patch', budgets: { batches: { 1: { maxFailures: count } } } }),
    );
    const { trips, state } = model.view;
    expect(trips.slice(0, before.trips.length)).toEqual(before.trips);
    if (before.trips.length > 0) expect(state).not.toBe('running');
    else if (patched) expect(trips.length > 0).toBe(totalCounts(before.batches).failures > given);
  });
  fc.assert(property, RUNS);
});

interface Shape {
  hosts: number;
  maxFailures: number;
  concurrency: number;
  strict: boolean;
}

function setting({ concurrency, hosts, maxFailures, strict }: Shape): Setting {
  const plan = RolloutPlan.parse({
    kind: 'RolloutPlan',
    name: 'p',
    inventory: 'i',
    targets: 'all',
    bundle: 'b',
    playbook: 'p',
    strategy: { batches: [{ size: hosts, maxFailures }], concurrency, strict },
  });
  return { plan, hosts, windows: false, state: 'running' };
}

/** A host that is at work, claimed if it was only invited. */
function take(model: Model) {
  const queued = model.hosts.find(({ state }) => state === 'queued');
  if (queued) model.claim(queued);
  return model.hosts.find(isClaimed);
}

function endSomehow(model: Model, row: Model['hosts'][number], fate: number): void {
  const task = row.task ?? 'forward';
  const switched = task === 'forward';
  const late = model.hosts.find(
    (each) => model.late(each) === 'forward' && each.task === undefined,
  );
  const ended = { task: 'forward', state: 'failed', unchanged: false, switched } as const;
  if (fate >= 95) model.expire(row);
  else if (fate >= 90 && late) model.report(late, ended, 'late');
  else {
    const state = fate < 75 ? 'succeeded' : 'failed';
    model.report(row, { task, state, unchanged: false, switched }, `s${fate % 2}`);
  }
}

/** Failures beyond the one that trips, over all budgets that hold. */
function overshoot(view: RolloutView): number {
  return Math.max(0, ...budgets(view).map(({ tally, tolerance }) => tally.open - tolerance - 1));
}

it('a trip that stands is not found again', LONG, () => {
  const property = fc.property(fates, (shape) => {
    const model = begin(setting(shape));
    for (let turn = 0; model.view.trips.length === 0 && turn < 100; turn += 1) {
      model.conduct();
      const row = take(model);
      if (!row) break;
      model.report(row, { task: 'forward', state: 'failed', unchanged: false, switched: true });
    }
    expect(model.view.trips).toHaveLength(1);
    expect(findTrip(model.view)).toBeUndefined();
  });
  fc.assert(property, RUNS);
});
