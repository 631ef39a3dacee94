import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { isFinal, type HostRow } from '#rollout';
import { actions, isClaimed, perform, tryTo } from './actions.ts';
import { INVARIANTS } from './invariants.ts';
import { DIGEST, type Model } from './model.ts';
import { begin, settings } from './plans.ts';

const RUNS = { numRuns: Number(process.env['GOFLEET_PROPERTY_RUNS'] ?? 200) };

it('holds after every step, whatever happens', { timeout: 600_000 }, () => {
  const property = fc.property(settings, actions, (setting, played) => {
    const model = begin(setting);
    model.conduct();
    for (const action of played) {
      const [before, made] = [model.view, model.seen.length];
      perform(model, action);
      const decisions = model.seen.slice(made).filter((each) => each.kind === 'decision');
      const step = { model, before, after: model.view, action, decisions };
      for (const [name, holds] of Object.entries(INVARIANTS)) named(name, () => holds(step));
    }
  });
  fc.assert(property, RUNS);
});

it('decide comes to wait within ten rounds', { timeout: 600_000 }, () => {
  const property = fc.property(settings, actions, (setting, played) => {
    const model = begin(setting);
    for (const action of played) {
      perform(model, action);
      expect(model.conduct()).toBeLessThanOrEqual(10);
    }
  });
  fc.assert(property, RUNS);
});

it(
  'every rollout comes to an end, each host in exactly one final state',
  { timeout: 600_000 },
  () => {
    const property = fc.property(settings, actions, (setting, played) => {
      const model = begin(setting);
      for (const action of played) perform(model, action);
      driveToEnd(model);
      const { view } = model;
      expect(view.atWork).toBe(0);
      expect(states(model, 'pending', 'queued', 'running', 'rolling_back')).toEqual([]);
      if (view.state === 'succeeded')
        expect(states(model, 'succeeded')).toHaveLength(model.hosts.length);
      if (view.state === 'rolled_back')
        expect(model.hosts.filter((row) => row.changed)).toEqual([]);
      for (const batch of view.batches)
        expect(['passed', 'tripped', 'rolled_back', 'skipped']).toContain(batch.state);
    });
    fc.assert(property, RUNS);
  },
);

function named(name: string, check: () => void): void {
  try {
    check();
  } catch (error) {
    throw new Error(`does not hold: ${name}`, { cause: error });
  }
}

function states(model: Model, ...wanted: HostRow['state'][]): HostRow[] {
  return model.hosts.filter((row) => wanted.includes(row.state));
}

/** From here on nothing goes wrong, and people approve and resume what waits for them. */
function driveToEnd(model: Model): void {
  model.freeze(undefined);
  model.block(undefined);
  for (let turn = 0; !isFinal(model.view.state); turn += 1) {
    expect(turn, `stuck in ${model.view.state}`).toBeLessThan(2000);
    model.conduct();
    const { view } = model;
    if (isFinal(view.state)) return;
    const [queued] = states(model, 'queued');
    const claimed = model.hosts.find(isClaimed);
    if (queued) model.claim(queued);
    else if (claimed) endWell(model, claimed);
    else if (view.state === 'paused') resume(model, turn);
    else if (view.state === 'pending_approval') approve(model, turn);
    else model.pass(60_000);
  }
}

function endWell(model: Model, row: HostRow): void {
  const task = row.task ?? 'forward';
  const state = task === 'back' ? 'rolled_back' : 'succeeded';
  model.report(row, { task, state, unchanged: false, switched: task === 'forward' });
}

function approve(model: Model, turn: number): void {
  const token = `person ${turn}`;
  expect(tryTo(() => model.act({ kind: 'approve', planDigest: DIGEST }, [], token))).toBe(true);
}

/** Now this way, now that way: both must lead to an end. */
function resume(model: Model, turn: number): void {
  const acknowledge = model.view.trips.at(-1)?.decision;
  const done = tryTo(() =>
    model.act(
      turn % 3 === 0
        ? { kind: 'resume', mode: 'continue', acknowledge }
        : { kind: 'resume', mode: 'retry' },
    ),
  );
  expect(done).toBe(true);
}
