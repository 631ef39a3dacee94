import { describe, expect, it } from 'vitest';
import { waiting, NEXT, NOW, view, type Batch } from '../../../test/rules/view.ts';
import { allowedActions, decide, planVerb, type RolloutView } from '../index.ts';

const FRESH: Batch = { state: 'waiting', startedAt: undefined, hosts: { pending: 3 } };
const HOUR = 3_600_000;
const shut = { shut: true, opensAt: NOW + HOUR };
const forward = { next: { ...NEXT, forward: waiting(1, 2) } };
const asking = { now: NOW, token: 'one', requester: 'asker', planDigest: '' };

describe('windows', () => {
  const CASES: [string, RolloutView, object][] = [
    [
      'nothing starts outside of them',
      view([FRESH], { ...forward, window: shut }),
      {
        kind: 'wait',
        until: NOW + HOUR,
        reason: {
          code: 'window',
          message: 'outside every window; the next opens at 1970-01-01T01:16:40.000Z',
        },
      },
    ],
    [
      'also no host of a batch at work',
      view([{ hosts: { pending: 3, succeeded: 2 } }], { ...forward, window: shut }),
      { kind: 'wait', reason: { code: 'window' } },
    ],
    [
      'a batch of which all are at work waits for none',
      view([{ hosts: { running: 3 } }], { window: shut, atWork: 3 }),
      { kind: 'wait', reason: undefined },
    ],
    [
      'in one, hosts start',
      view([{ hosts: { pending: 3 } }], { ...forward, window: { ...shut, shut: false } }),
      { kind: 'dispatch', direction: 'forward' },
    ],
    [
      'those of another zone are waited for',
      view([{ hosts: { pending: 3 } }], { window: { ...shut, shut: false } }),
      { kind: 'wait', until: NOW + HOUR, reason: undefined },
    ],
    [
      'a person ended the wait',
      view([{ hosts: { pending: 3 } }], {
        ...forward,
        window: shut,
        windowWaivedUntil: NOW + HOUR,
      }),
      { kind: 'dispatch' },
    ],
    [
      'but not for ever',
      view([{ hosts: { pending: 3 } }], { ...forward, window: shut, windowWaivedUntil: NOW }),
      { kind: 'wait', reason: { code: 'window' } },
    ],
    [
      'a trip outside of them',
      view([{ hosts: { pending: 3, failed: 1 } }], { window: shut }),
      { kind: 'trip' },
    ],
    [
      'rollbacks know none',
      view([{ hosts: { rolling_back: 1 } }], {
        state: 'rolling_back',
        window: shut,
        next: { ...NEXT, back: [1] },
      }),
      { kind: 'dispatch', direction: 'back' },
    ],
    [
      'nor do looks at lost hosts',
      view([{ maxFailures: 1, hosts: { lost: 1, pending: 1 } }], {
        window: shut,
        next: { ...NEXT, probe: [1] },
      }),
      { kind: 'dispatch', direction: 'probe' },
    ],
    [
      'nor checks after a bake',
      view([{ bake: 1, bakeUntil: NOW, hosts: { succeeded: 1 } }], {
        window: shut,
        next: { ...NEXT, bake: [1] },
      }),
      { kind: 'dispatch', direction: 'bake' },
    ],
  ];
  it.each(CASES)('%s', (_, rollout, expected) => {
    expect(decide(rollout, NOW)).toMatchObject(expected);
  });
});

describe('advance', () => {
  const PASSED: Batch = { state: 'passed', passedAt: NOW, delay: HOUR, hosts: { succeeded: 1 } };
  const BAKING: Batch = { bake: HOUR, bakeUntil: NOW + HOUR, hosts: { succeeded: 1 } };
  const stored = { code: 'window', message: '' } as const;
  const CASES: [string, RolloutView, object][] = [
    ['ends a delay', view([PASSED, FRESH]), { batches: [{ number: 2, waiveDelay: true }] }],
    ['ends a bake', view([BAKING, FRESH]), { batches: [{ number: 1, bakeUntil: NOW }] }],
    [
      'ends the wait for a window until the next one opens',
      view([FRESH], { window: shut, reason: stored }),
      { windowWaivedUntil: NOW + HOUR, reason: undefined, batches: [] },
    ],
    [
      'ends the delay first where a window is waited for too',
      view([PASSED, FRESH], { window: shut }),
      { batches: [{ waiveDelay: true }] },
    ],
  ];
  it.each(CASES)('%s', (_, rollout, expected) => {
    expect(allowedActions(rollout, NOW)).toContain('advance');
    const change = planVerb(rollout, { kind: 'advance' }, asking);
    expect(change).toMatchObject({ state: 'running', ...expected });
  });

  it('a wait for a window is seen by its stored reason alone', () => {
    const rollout = view([FRESH], { reason: stored });
    expect(allowedActions(rollout, NOW)).toContain('advance');
  });

  const NONE: [string, RolloutView][] = [
    ['hosts are at work', view([{ hosts: { running: 1 } }], { atWork: 1 })],
    ['no worker is there', view([FRESH], { window: { shut: false, opensAt: undefined } })],
    ['the delay was ended', view([PASSED, { ...FRESH, delayWaived: true }])],
    ['the delay is over', view([{ ...PASSED, delay: 0 }, FRESH])],
    ['the bake is over and its hosts are checked', view([{ ...BAKING, bakeUntil: NOW }, FRESH])],
    ['the window was waived', view([FRESH], { window: shut, windowWaivedUntil: NOW + 1 })],
    ['it is paused', view([PASSED, FRESH], { state: 'paused' })],
    ['people are asked', view([BAKING, FRESH], { state: 'pending_approval' })],
  ];
  it.each(NONE)('has nothing to end: %s', (_, rollout) => {
    expect(allowedActions(rollout, NOW)).not.toContain('advance');
    expect(() => planVerb(rollout, { kind: 'advance' }, asking)).toThrow(/./);
  });

  it('a delay that was ended is over', () => {
    const rollout = view([PASSED, { ...FRESH, delayWaived: true }], forward);
    expect(decide(rollout, NOW)).toEqual({ kind: 'startBatch', batch: 2 });
  });
});
