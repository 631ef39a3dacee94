import { describe, expect, it } from 'vitest';
import { NEXT, NOW, view, type Batch } from '../../../test/rules/view.ts';
import { changeOf, decide, type RolloutView } from '../index.ts';

const DONE: Batch = { bake: 60_000, maxFailures: 9, hosts: { succeeded: 3, failed: 1 } };
const BAKING: Batch = { ...DONE, state: 'baking', bakeUntil: NOW + 5 };
const BAKED: Batch = { ...BAKING, bakeUntil: NOW };
const FRESH: Batch = { state: 'pending', startedAt: undefined, hosts: { pending: 3 } };
const CHECKED: Batch = { ...BAKED, hosts: { ...DONE.hosts, baked: 3 } };
const next = { next: { ...NEXT, bake: [1, 2, 3] } };
const trip = {
  decision: 1,
  scope: 'batch',
  batch: 1,
  reason: { code: 'failure_budget', message: '' },
} as const;

describe('bake', () => {
  const CASES: [string, RolloutView, object][] = [
    ['begins after the last host', view([DONE, FRESH]), { kind: 'startBake', batch: 1 }],
    [
      'not while one is at work',
      view([{ ...DONE, hosts: { succeeded: 3, running: 1 } }], { atWork: 1 }),
      { kind: 'wait' },
    ],
    ['also while paused', view([DONE, FRESH], { state: 'paused' }), { kind: 'startBake' }],
    [
      'not while a trip stands in it',
      view([DONE, FRESH], { state: 'paused', trips: [trip] }),
      { kind: 'wait' },
    ],
    [
      'not while rolling back',
      view([DONE, FRESH], { state: 'rolling_back', atWork: 1 }),
      { kind: 'wait' },
    ],
    [
      'not before checks of a bake before it have ended',
      view([DONE, FRESH], { atWork: 1, working: { forward: 0, back: 0, probe: 0, bake: 1 } }),
      { kind: 'wait' },
    ],
    [
      'has nothing to check where nothing succeeded',
      view([{ ...DONE, waived: ['batch_failed'], hosts: { failed: 3 } }, FRESH]),
      { kind: 'passGate', batch: 1 },
    ],
    ['none: the gate opens', view([{ ...DONE, bake: 0 }, FRESH]), { kind: 'passGate', batch: 1 }],
    ['takes its time', view([BAKING, FRESH]), { kind: 'wait', until: NOW + 5 }],
    [
      'wakes a paused rollout at its end',
      view([BAKING, FRESH], { state: 'paused' }),
      { kind: 'wait', until: NOW + 5 },
    ],
    [
      'then checks all that succeeded',
      view([BAKED, FRESH], next),
      { kind: 'dispatch', direction: 'bake', hosts: [1, 2, 3] },
    ],
    [
      'also while paused',
      view([BAKED, FRESH], { ...next, state: 'paused' }),
      { kind: 'dispatch', direction: 'bake' },
    ],
    [
      'up to the concurrency',
      view([BAKED, FRESH], { ...next, atWork: 8 }),
      { kind: 'dispatch', hosts: [1, 2] },
    ],
    [
      'strict: as many as may fail',
      view([{ ...BAKED, maxFailures: 2 }, FRESH], { ...next, strategy: { strict: true } }),
      { kind: 'dispatch', hosts: [1, 2] },
    ],
    [
      'not while a trip stands',
      view([BAKED, FRESH], { ...next, state: 'paused', trips: [trip] }),
      { kind: 'wait' },
    ],
    [
      'the gate waits for the checks',
      view([{ ...BAKED, hosts: { ...DONE.hosts, baked: 2 } }, FRESH], { atWork: 1 }),
      { kind: 'wait' },
    ],
    ['all are checked: the gate opens', view([CHECKED, FRESH]), { kind: 'passGate', batch: 1 }],
    [
      'one that fails its check counts',
      view([{ ...CHECKED, maxFailures: 1, hosts: { succeeded: 2, baked: 2, failed: 2 } }, FRESH]),
      { kind: 'trip', batch: 1 },
    ],
    [
      'and all of them fail the batch',
      view([{ ...CHECKED, hosts: { failed: 4 } }, FRESH]),
      { kind: 'trip', reason: { code: 'batch_failed' } },
    ],
    ['of the last batch too', view([DONE]), { kind: 'startBake', batch: 1 }],
  ];
  it.each(CASES)('%s', (_, rollout, expected) => {
    expect(decide(rollout, NOW)).toMatchObject(expected);
  });

  it('goes on after a rollback that left hosts of it', () => {
    const rolling: Batch = { ...BAKING, state: 'rolling_back' };
    const rollout = view([rolling], { state: 'rolling_back' });
    const ended = { kind: 'endRollback', state: 'paused', reason: undefined } as const;
    expect(changeOf(rollout, ended, NOW).batches).toEqual([{ number: 1, state: 'baking' }]);
  });

  it('over, its gate opens and the next batch waits', () => {
    const rollout = view([CHECKED, FRESH]);
    const decision = decide(rollout, NOW);
    if (decision.kind !== 'passGate') throw new Error('its gate does not open');
    expect(changeOf(rollout, decision, NOW).batches).toEqual([
      { number: 1, state: 'passed', gate: 'open' },
      { number: 2, state: 'waiting' },
    ]);
  });

  it('begins with no host checked, and ends after its time', () => {
    expect(changeOf(view([DONE]), { kind: 'startBake', batch: 1 }, NOW)).toMatchObject({
      state: 'running',
      batches: [{ number: 1, state: 'baking', bakeUntil: NOW + 60_000 }],
      hosts: [{ select: { batches: [1] }, set: 'bake' }],
    });
  });
});
