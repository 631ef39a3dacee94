import { describe, expect, it } from 'vitest';
import { NOW, view, whole, type Batch } from '../../../test/rules/view.ts';
import {
  changeOf,
  decide,
  findTrip,
  planVerb,
  type Change,
  type RolloutView,
  type SignatureTally,
} from '../index.ts';

const FAILED: Batch = { maxFailures: 1, hosts: { failed: 2, changed: 2, running: 1, queued: 1 } };
const alike = (more: Partial<SignatureTally> = {}): SignatureTally => ({
  signature: 'disk',
  message: 'no space',
  open: 3,
  covered: 0,
  acknowledged: 0,
  batch: 1,
  ...more,
});
const standing = {
  decision: 4,
  scope: 'batch',
  batch: 1,
  reason: { code: 'failure_budget', message: '' },
} as const;

function tripped(rollout: RolloutView): Change {
  const trip = findTrip(rollout);
  if (!trip) throw new Error('nothing trips');
  return changeOf(rollout, trip, NOW);
}

function sets({ hosts }: Change): string[] {
  return hosts.map(({ set }) => set);
}

describe('what a trip changes', () => {
  it('pause: queued hosts go back, those at work drain, its failures are covered', () => {
    const change = tripped(view([FAILED]));
    expect(change).toMatchObject({
      state: 'paused',
      reason: { code: 'failure_budget' },
      batches: [{ number: 1, state: 'tripped' }],
    });
    expect(sets(change)).toEqual(['requeue', 'cover']);
  });

  it('cancel: those at work are told to stop', () => {
    expect(sets(tripped(view([FAILED], whole({ inflight: 'cancel' }))))).toContain('stop');
  });

  it('rollback-batch: the batch is rolled back in the same transaction, then a person says how to go on', () => {
    const change = tripped(view([FAILED, FAILED], whole({ onTrip: 'rollback-batch' })));
    expect(change).toMatchObject({
      state: 'rolling_back',
      reason: { code: 'failure_budget' },
      rollback: { scope: 'batch', batch: 1, from: 'paused' },
      batches: [{ number: 1, state: 'rolling_back' }],
    });
    expect(change.answered).toBe(false);
    expect(sets(change)).toEqual(['requeue', 'cover', 'requeue', 'rollBack', 'rollBackAfter']);
  });

  it('rollback-all: every batch', () => {
    const change = tripped(view([FAILED, FAILED], whole({ onTrip: 'rollback-all' })));
    expect(change).toMatchObject({
      rollback: { scope: 'all', from: 'paused' },
      batches: [{ number: 1, state: 'rolling_back' }, { number: 2 }],
    });
  });

  it('a batch that has nothing to roll back stays tripped', () => {
    const failed: Batch = { hosts: { failed: 2, pending: 3 } };
    const change = tripped(view([failed], whole({ onTrip: 'rollback-batch' })));
    expect(change).toMatchObject({
      state: 'rolling_back',
      batches: [{ number: 1, state: 'tripped' }],
    });
  });

  it('abort: drains, and is then `failed`', () => {
    const change = tripped(view([FAILED], whole({ onTrip: 'abort' })));
    expect(change).toMatchObject({
      state: 'aborting',
      abort: { final: 'failed', rollback: 'none' },
    });
    expect(sets(change)).toEqual(['requeue', 'cover', 'cancel']);
    const { abort, reason } = change;
    const drained = view([{ hosts: { failed: 2, cancelled: 1 } }], {
      state: 'aborting',
      abort,
      reason,
    });
    const finish = { kind: 'finish', state: 'failed' } as const;
    expect(decide(drained, NOW)).toEqual(finish);
    expect(changeOf(drained, finish, NOW)).toMatchObject({
      state: 'failed',
      reason: { code: 'failure_budget' },
      abort: undefined,
    });
  });

  const reason = (code: 'operator' | 'rollback_failed' | 'freeze') => ({ code, message: '' });
  const PAUSED: [string, Partial<RolloutView>, string][] = [
    ['a person paused it', { reason: reason('operator') }, 'paused'],
    ['a rollback has ended', { reason: reason('rollback_failed') }, 'paused'],
    ['a trip stands already', { trips: [standing] }, 'paused'],
    ['a freeze paused it', { reason: reason('freeze') }, 'rolling_back'],
  ];
  it.each(PAUSED)('a plan that rolls back when %s', (_, more, state) => {
    const rollout = view([{ maxFailures: 1, hosts: { failed: 4, changed: 4, pending: 1 } }], {
      state: 'paused',
      ...more,
      strategy: { onTrip: 'rollback-batch' },
    });
    expect(tripped(rollout).state).toBe(state);
  });
});

describe('signature_concentration', () => {
  const OPEN: Batch = { maxFailures: 9, hosts: { failed: 3, pending: 9 } };
  const two = { maxSameSignature: 2 };
  const CASES: [string, RolloutView, string | undefined][] = [
    ['not set', view([OPEN], { signatures: [alike()] }), undefined],
    ['N of N', view([OPEN], { strategy: two, signatures: [alike({ open: 2 })] }), undefined],
    [
      'N + 1 of N',
      view([OPEN], { strategy: two, signatures: [alike({ open: 1 }), alike()] }),
      'rollout: 3 failed alike (no space), 2 tolerated',
    ],
    [
      'acknowledged ones',
      view([OPEN], { strategy: two, signatures: [alike({ acknowledged: 3 })] }),
      'rollout: 6 failed alike (no space), 3 of them acknowledged, 2 tolerated',
    ],
    [
      'a budget comes first',
      view([{ ...OPEN, maxFailures: 2 }], { strategy: two, signatures: [alike()] }),
      'batch 1: 3 failed of 12, 2 tolerated',
    ],
    [
      'what a trip counted is aside',
      view([OPEN], {
        state: 'paused',
        strategy: two,
        signatures: [alike({ covered: 3 })],
        trips: [standing],
      }),
      undefined,
    ],
    [
      'N + 1 beyond it',
      view([OPEN], {
        state: 'paused',
        strategy: two,
        signatures: [alike({ open: 6, covered: 3 })],
        trips: [standing],
      }),
      'rollout: 6 failed alike (no space), 2 tolerated',
    ],
    [
      'no batch is at work',
      view([{ ...OPEN, passedAt: NOW }], { strategy: two, signatures: [alike()] }),
      undefined,
    ],
  ];
  it.each(CASES)('%s', (_, rollout, message) => {
    expect(findTrip(rollout)?.reason.message).toBe(message);
  });

  it('covers and acknowledges the failures of that signature, in every batch', () => {
    const rollout = view([OPEN], { strategy: two, signatures: [alike()] });
    expect(tripped(rollout).hosts).toContainEqual({
      select: { signature: 'disk', counted: true },
      set: 'cover',
    });
    const trip = {
      ...standing,
      scope: 'rollout' as const,
      reason: { code: 'signature_concentration' as const, message: '' },
      signature: 'disk',
    };
    const paused: RolloutView = { ...rollout, state: 'paused', trips: [trip] };
    const verb = { kind: 'resume', mode: 'continue', acknowledge: 4 } as const;
    const change = planVerb(paused, verb, { now: NOW, token: '', requester: '', planDigest: '' });
    expect(change.hosts).toContainEqual({
      select: { signature: 'disk', counted: true, coveredUpTo: 4 },
      set: 'acknowledge',
    });
  });
});
