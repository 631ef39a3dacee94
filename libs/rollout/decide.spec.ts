import { describe, expect, it } from 'vitest';
import { waiting, NEXT, NOW, view, whole } from '../../test/rules/view.ts';
import { decide, findTrip, percentComplete, tripsAt, type RolloutView } from './index.ts';

describe('findTrip', () => {
  const OPEN = { pending: 50 };
  const CASES: [string, RolloutView, string | undefined][] = [
    // strictly more than the tolerance
    ['N of N', view([{ maxFailures: 5, hosts: { ...OPEN, failed: 5 } }]), undefined],
    [
      'N + 1 of N',
      view([{ maxFailures: 5, hosts: { ...OPEN, failed: 6 } }]),
      'batch 1: 6 failed of 56, 5 tolerated',
    ],
    [
      'lost counts as failed',
      view([{ maxFailures: 1, hosts: { ...OPEN, failed: 1, lost: 1 } }]),
      'batch 1: 2 failed of 52, 1 tolerated',
    ],
    [
      'nothing set: the first',
      view([{ hosts: { ...OPEN, failed: 1 } }]),
      'batch 1: 1 failed of 51, 0 tolerated',
    ],
    [
      'cancelled and skipped never count',
      view([{ hosts: { cancelled: 9, skipped: 9 } }]),
      undefined,
    ],
    // the budget of the rollout
    [
      'of the rollout, over all batches',
      view(
        [{ passedAt: NOW, hosts: { succeeded: 9, failed: 3 } }, { hosts: { ...OPEN, failed: 2 } }],
        whole({ maxFailures: 4 }),
      ),
      'rollout: 5 failed of 64, 4 tolerated',
    ],
    [
      'the batch of its own only, where the rollout is not set',
      view([
        { passedAt: NOW, maxFailures: 9, hosts: { failed: 9 } },
        { maxFailures: 2, hosts: { ...OPEN, failed: 2 } },
      ]),
      undefined,
    ],
    [
      'rolled back failures stay in the budget of the rollout',
      view([{ hosts: { ...OPEN, rolled_back: 3, stickyFailures: 3 } }], whole({ maxFailures: 2 })),
      'rollout: 3 failed of 53, 2 tolerated',
    ],
    [
      'but not in that of their batch',
      view([{ maxFailures: 2, hosts: { ...OPEN, rolled_back: 3, stickyFailures: 3 } }]),
      undefined,
    ],
    // unreachable hosts
    [
      'nobody sets maxUnreachable: as failed',
      view([{ maxFailures: 1, hosts: { ...OPEN, failed: 1, unreachable: 1 } }]),
      'batch 1: 2 failed of 52, 1 of them unreachable, 1 tolerated',
    ],
    [
      'nobody sets maxUnreachable: as failed in the rollout too',
      view([{ maxFailures: 9, hosts: { ...OPEN, unreachable: 3 } }], whole({ maxFailures: 2 })),
      'rollout: 3 failed of 53, 3 of them unreachable, 2 tolerated',
    ],
    [
      'the batch sets it: only there',
      view(
        [{ maxFailures: 0, maxUnreachable: 2, hosts: { ...OPEN, unreachable: 2 } }],
        whole({ maxFailures: 1 }),
      ),
      undefined,
    ],
    [
      'the batch sets it: one more',
      view([{ maxUnreachable: 2, hosts: { ...OPEN, unreachable: 3 } }]),
      'batch 1: 3 unreachable of 53, 2 tolerated',
    ],
    [
      'the rollout sets it: only there',
      view([{ maxFailures: 0, hosts: { ...OPEN, unreachable: 3 } }], whole({ maxUnreachable: 3 })),
      undefined,
    ],
    [
      'the rollout sets it: one more',
      view([{ maxFailures: 0, hosts: { ...OPEN, unreachable: 4 } }], whole({ maxUnreachable: 3 })),
      'rollout: 4 unreachable of 54, 3 tolerated',
    ],
    // acknowledged
    [
      'the tolerance is whole again',
      view([
        { maxFailures: 5, hosts: { ...OPEN, failed: 11, failures: 5, acknowledgedFailures: 6 } },
      ]),
      undefined,
    ],
    [
      'and is exceeded at N + 1 besides',
      view([
        { maxFailures: 5, hosts: { ...OPEN, failed: 12, failures: 6, acknowledgedFailures: 6 } },
      ]),
      'batch 1: 12 failed of 62, 6 of them acknowledged, 5 tolerated',
    ],
    // no success
    [
      'not before the last host has ended',
      view([{ maxFailures: 9, hosts: { failed: 2, running: 1 } }]),
      undefined,
    ],
    [
      'one that is cancelled runs again',
      view([{ maxFailures: 9, hosts: { failed: 2, cancelled: 1 } }]),
      undefined,
    ],
    [
      'no host succeeded',
      view([{ maxFailures: 9, hosts: { failed: 2, skipped: 1 } }]),
      'batch 1: no host succeeded of 2',
    ],
    [
      'an unreachable canary',
      view([{ maxUnreachable: 1, hosts: { unreachable: 1 } }]),
      'batch 1: no host succeeded of 1',
    ],
    ['one succeeded', view([{ maxFailures: 9, hosts: { failed: 2, succeeded: 1 } }]), undefined],
    [
      'a person let it pass',
      view([{ maxFailures: 9, waived: ['batch_failed'], hosts: { failed: 2 } }]),
      undefined,
    ],
    // deadline
    ['in time', view([{ workedFor: 3_599_999, hosts: OPEN }]), undefined],
    [
      'too late',
      view([{ workedFor: 3_600_000, hosts: OPEN }]),
      'batch 1: at work for 1h, 1h allowed',
    ],
    [
      'the deadline stands still while paused',
      view([{ workedFor: 3_600_000, hosts: OPEN }], { state: 'paused' }),
      undefined,
    ],
    [
      'a person let it go on',
      view([{ workedFor: 3_600_000, waived: ['deadline'], hosts: OPEN }]),
      undefined,
    ],
    // where nothing is judged
    ['a gate that is open', view([{ passedAt: NOW, hosts: { failed: 9 } }]), undefined],
    [
      'during a rollback',
      view([{ hosts: { ...OPEN, failed: 9 } }], { state: 'rolling_back' }),
      undefined,
    ],
    ['while aborting', view([{ hosts: { failed: 9 } }], { state: 'aborting' }), undefined],
    [
      'while paused',
      view([{ hosts: { ...OPEN, failed: 1 } }], { state: 'paused' }),
      'batch 1: 1 failed of 51, 0 tolerated',
    ],
  ];
  it.each(CASES)('%s', (_, rollout, message) => {
    expect(findTrip(rollout)?.reason.message).toBe(message);
  });

  const TRIP = {
    decision: 7,
    scope: 'batch' as const,
    batch: 1,
    reason: { code: 'failure_budget' as const, message: '' },
  };
  const paused = { state: 'paused' as const, trips: [TRIP] };
  const AGAIN: [string, RolloutView, boolean][] = [
    [
      'what it counted',
      view([{ maxFailures: 2, hosts: { failed: 3, coveredFailures: 3 } }], paused),
      false,
    ],
    ['N more', view([{ maxFailures: 2, hosts: { failed: 5, coveredFailures: 3 } }], paused), false],
    [
      'N + 1 more',
      view([{ maxFailures: 2, hosts: { failed: 6, coveredFailures: 3 } }], paused),
      true,
    ],
    [
      'a retry of some is on its way',
      view([{ maxFailures: 2, hosts: { failed: 5, coveredFailures: 5, pending: 1, retrying: 1 } }]),
      false,
    ],
    [
      'and has ended',
      view([{ maxFailures: 2, hosts: { failed: 5, coveredFailures: 5, succeeded: 1 } }]),
      true,
    ],
    [
      'a retry left less than the tolerance, and N + 1 failed',
      view([{ maxFailures: 2, hosts: { failed: 3, coveredFailures: 2, pending: 1, retrying: 1 } }]),
      true,
    ],
  ];
  it.each(AGAIN)('after a trip: %s', (_, rollout, found) => {
    expect(findTrip(rollout) !== undefined).toBe(found);
  });
});

describe('tripsAt', () => {
  const CASES: [string, RolloutView, number][] = [
    ['own tolerance + 1', view([{ maxFailures: 5 }]), 6],
    ['nothing set', view([{}]), 1],
    [
      'acknowledged in it',
      view([{ maxFailures: 5, hosts: { acknowledgedFailures: 6, stickyAcknowledged: 6 } }]),
      12,
    ],
    [
      'what the others left of the rollout',
      view([{ maxFailures: 9 }, { hosts: { failed: 3 } }], whole({ maxFailures: 5 })),
      3,
    ],
    [
      'acknowledged elsewhere is as if it were not',
      view(
        [{ maxFailures: 9 }, { hosts: { acknowledgedFailures: 3, stickyAcknowledged: 3 } }],
        whole({ maxFailures: 5 }),
      ),
      6,
    ],
    [
      'rolled back in it, still in the budget of the rollout',
      view(
        [{ maxFailures: 9, hosts: { rolled_back: 2, stickyFailures: 2 } }],
        whole({ maxFailures: 5 }),
      ),
      4,
    ],
    ['exceeded elsewhere', view([{}, { hosts: { failed: 9 } }], whole({ maxFailures: 5 })), 0],
  ];
  it.each(CASES)('%s', (_, rollout, expected) => {
    const [first] = rollout.batches;
    expect(first && tripsAt(rollout, first)).toBe(expected);
  });
});

describe('decide', () => {
  const PASSED = { state: 'passed' as const, passedAt: NOW - 30_000 };
  const FRESH = { state: 'pending' as const, startedAt: undefined, hosts: { pending: 3 } };
  const forward = { ...NEXT, forward: waiting(4, 5, 6) };
  const back = { ...NEXT, back: [1, 2] };
  const probe = { ...NEXT, probe: [3] };
  const intent = { scope: 'batch' as const, batch: 1, from: 'paused' as const };
  const rolling = { state: 'rolling_back' as const, rollback: intent };
  const aborting = { state: 'aborting' as const };
  const held = [{ site: 'x', reason: { code: 'no_worker' as const, message: '' }, hosts: 3 }];
  const DONE = { hosts: { succeeded: 3 }, ...PASSED };
  const all = { ...intent, scope: 'all' as const };

  const CASES: [string, RolloutView, object][] = [
    ['at rest: ended', view([DONE], { state: 'succeeded' }), { kind: 'wait', until: undefined }],
    [
      'trip before anything forward',
      view([{ hosts: { failed: 1, pending: 3 } }], { next: forward }),
      { kind: 'trip', batch: 1 },
    ],
    [
      'roll back, up to the concurrency',
      view([{ hosts: { rolling_back: 2 } }], { ...rolling, next: back, atWork: 9 }),
      { kind: 'dispatch', direction: 'back', hosts: [1] },
    ],
    [
      'no place is free',
      view([{ hosts: { rolling_back: 2 } }], { ...rolling, next: back, atWork: 10 }),
      { kind: 'wait' },
    ],
    [
      'a rollback waits for hosts that are due later',
      view([{ hosts: { rolling_back: 2 } }], { ...rolling, nextDue: NOW + 5 }),
      { kind: 'wait', until: NOW + 5 },
    ],
    [
      'a rollback ends: paused',
      view([{ hosts: { rolled_back: 2 } }], rolling),
      { kind: 'endRollback', state: 'paused', reason: { code: 'operator' } },
    ],
    [
      'one failed',
      view([{ hosts: { rollback_failed: 1 } }], { ...rolling, rollback: all }),
      {
        kind: 'endRollback',
        state: 'paused',
        reason: { code: 'rollback_failed', message: '1 host could not be rolled back' },
      },
    ],
    [
      'all are rolled back',
      view([{ hosts: { rolled_back: 2 } }], { ...rolling, rollback: all }),
      { kind: 'endRollback', state: 'rolled_back' },
    ],
    [
      'all that were changed, and some never were',
      view([{ hosts: { rolled_back: 2, pending: 4 } }], { ...rolling, rollback: all }),
      { kind: 'endRollback', state: 'paused', reason: { code: 'operator' } },
    ],
    [
      'all but one that was left alone',
      view([{ hosts: { rolled_back: 2, succeeded: 1 } }], {
        ...rolling,
        rollback: { ...all, from: 'succeeded' },
      }),
      { kind: 'endRollback', state: 'completed_with_errors' },
    ],
    [
      'after an abort',
      view([{ hosts: { rolled_back: 2 } }], {
        ...rolling,
        rollback: { ...intent, from: 'aborting' },
      }),
      { kind: 'endRollback', state: 'aborted' },
    ],
    [
      'after the end',
      view([{ hosts: { rolled_back: 2 } }], {
        ...rolling,
        rollback: { ...intent, from: 'aborted' },
      }),
      { kind: 'endRollback', state: 'aborted' },
    ],
    [
      'hosts at work are waited for',
      view([{ hosts: { rolled_back: 2 } }], { ...rolling, atWork: 1 }),
      { kind: 'wait' },
    ],
    [
      'aborting drains',
      view([{ hosts: { running: 1 } }], { ...aborting, atWork: 1 }),
      { kind: 'wait' },
    ],
    [
      'and is over',
      view([{ hosts: { cancelled: 1 } }], aborting),
      { kind: 'finish', state: 'aborted' },
    ],
    [
      'or rolls back',
      view([{ hosts: { succeeded: 1 } }], {
        ...aborting,
        abort: { final: 'aborted', inflight: 'drain', rollback: 'all' },
      }),
      { kind: 'startRollback', scope: 'all' },
    ],
    [
      'lost hosts are looked at',
      view([{ maxFailures: 1, hosts: { lost: 1, running: 1 } }], { next: probe }),
      { kind: 'dispatch', direction: 'probe', hosts: [3] },
    ],
    [
      'also while paused',
      view([{ maxFailures: 1, hosts: { lost: 1, running: 1 } }], { state: 'paused', next: probe }),
      { kind: 'dispatch', direction: 'probe' },
    ],
    [
      'paused: nothing forward',
      view([{ hosts: { pending: 3 } }], { state: 'paused', next: forward }),
      { kind: 'wait' },
    ],
    ['every host succeeded', view([DONE, DONE]), { kind: 'finish', state: 'succeeded' }],
    [
      'not every host did',
      view([DONE, { ...PASSED, hosts: { succeeded: 2, failed: 1 } }]),
      { kind: 'finish', state: 'completed_with_errors' },
    ],
    [
      'a lost host is waited for',
      view([{ ...PASSED, hosts: { succeeded: 2, lost: 1 } }], { nextDue: NOW + 9 }),
      { kind: 'wait', until: NOW + 9 },
    ],
    [
      'only skipped hosts',
      view([{ ...FRESH, hosts: { skipped: 3 } }]),
      { kind: 'skipBatch', batch: 1 },
    ],
    [
      'all have ended',
      view([{ maxFailures: 1, hosts: { succeeded: 9, lost: 1 } }]),
      { kind: 'passGate', batch: 1, evidence: { numerator: 1, denominator: 10, limit: 1 } },
    ],
    [
      'one is at work',
      view([{ hosts: { succeeded: 9, running: 1 } }], { atWork: 1 }),
      { kind: 'wait' },
    ],
    [
      'the delay has not passed',
      view([{ ...DONE, delay: 30_001 }, FRESH], { next: forward }),
      { kind: 'wait', until: NOW + 1 },
    ],
    [
      'the delay has passed',
      view([{ ...DONE, delay: 30_000 }, FRESH], { next: forward }),
      { kind: 'startBatch', batch: 2 },
    ],
    [
      'a batch that was started is not delayed again',
      view([{ ...DONE, delay: 60_000 }, { hosts: { pending: 3 } }], { next: forward }),
      { kind: 'dispatch', direction: 'forward', hosts: [4, 5, 6] },
    ],
    [
      'a skipped batch delays nothing',
      view(
        [DONE, { state: 'skipped', passedAt: NOW, delay: 60_000, hosts: { skipped: 1 } }, FRESH],
        { next: forward },
      ),
      { kind: 'startBatch', batch: 3 },
    ],
    [
      'a batch starts with its first dispatch',
      view([FRESH], { held }),
      { kind: 'wait', reason: { code: 'no_worker' } },
    ],
    [
      'up to the concurrency',
      view([{ hosts: { pending: 3, running: 8 } }], { next: forward, atWork: 8 }),
      { kind: 'dispatch', hosts: [4, 5] },
    ],
    [
      'over the budget, retried hosts alone',
      view(
        [{ maxFailures: 1, hosts: { failed: 3, coveredFailures: 3, pending: 3, retrying: 1 } }],
        { next: { ...forward, retries: 1 } },
      ),
      { kind: 'dispatch', hosts: [4] },
    ],
    [
      'the deadline wakes',
      view([{ workedFor: 3_599_000, hosts: { running: 1 } }], { atWork: 1 }),
      { kind: 'wait', until: NOW + 1000 },
    ],
  ];
  it.each(CASES)('%s', (_, rollout, expected) => {
    expect(decide(rollout, NOW)).toMatchObject(expected);
  });
});

it('percentComplete counts hosts that have ended, rounded down', () => {
  const rollout = view([
    { hosts: { succeeded: 139, unchanged: 3, failed: 9, unreachable: 2 } },
    { hosts: { pending: 200 } },
  ]);
  expect(percentComplete(rollout)).toBe(42.8);
  expect(percentComplete(view([{ hosts: { succeeded: 3 } }]))).toBe(100);
});
