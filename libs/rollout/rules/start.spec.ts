import { describe, expect, it } from 'vitest';
import { waiting, NEXT, NOW, view, type Batch } from '../../../test/rules/view.ts';
import { changeOf, decide, type RolloutView } from '../index.ts';

const MINUTE = 60_000;
const FRESH: Batch = { state: 'pending', startedAt: undefined, hosts: { pending: 3 } };
const SCHEDULED = { state: 'scheduled', owned: false, startedAt: undefined } as const;
const at = (startAt: number) => ({ strategy: { startAt } });
const held = { hosts: 3, rollout: 'other', ending: false };
const refused = { code: 'bundle_refused', message: 'its key is revoked' } as const;
const frozen = { reason: { code: 'freeze', message: 'Christmas' } as const, rollbacks: false };

describe('a scheduled rollout', () => {
  const CASES: [string, RolloutView, object][] = [
    ['without a time starts at once', view([FRESH], SCHEDULED), { kind: 'start' }],
    [
      'waits for its time',
      view([FRESH], { ...SCHEDULED, ...at(NOW + 1) }),
      { kind: 'wait', until: NOW + 1 },
    ],
    ['starts at its time', view([FRESH], { ...SCHEDULED, ...at(NOW) }), { kind: 'start' }],
    [
      'starts within startWithin',
      view([FRESH], { ...SCHEDULED, ...at(NOW - 15 * MINUTE) }),
      { kind: 'start' },
    ],
    [
      'that missed its start by more waits for a person',
      view([FRESH], { ...SCHEDULED, ...at(NOW - 15 * MINUTE - 1000) }),
      {
        kind: 'pause',
        reason: { code: 'window', message: 'its start was missed by 15m1s, 15m allowed' },
      },
    ],
    [
      'of which another rollout holds hosts waits for a person',
      view([FRESH], { ...SCHEDULED, conflict: held }),
      {
        kind: 'pause',
        reason: { code: 'lock_conflict', message: '3 hosts belong to rollout other' },
      },
    ],
    [
      'says what holds its hosts rather than that it is late',
      view([FRESH], { ...SCHEDULED, ...at(0), conflict: held }),
      { kind: 'pause', reason: { code: 'lock_conflict' } },
    ],
    [
      'is not looked at for hosts of others before its time',
      view([FRESH], { ...SCHEDULED, ...at(NOW + 1), conflict: held, freeze: frozen }),
      { kind: 'wait' },
    ],
    [
      'waits for the end of the one that it supersedes',
      view([FRESH], { ...SCHEDULED, conflict: { ...held, hosts: 1, ending: true } }),
      {
        kind: 'wait',
        reason: {
          code: 'superseded',
          message: 'waits for the end of rollout other, which it supersedes: 1 host belongs to it',
        },
      },
    ],
    [
      'that waited for that is not late',
      view([FRESH], {
        ...SCHEDULED,
        ...at(NOW - 60 * MINUTE),
        reason: { code: 'superseded', message: '' },
      }),
      { kind: 'start' },
    ],
    [
      'whose bundle may not be sent any more waits for a person',
      view([FRESH], { ...SCHEDULED, bundle: refused, freeze: frozen }),
      { kind: 'pause', reason: refused },
    ],
    [
      'does not start in a freeze',
      view([FRESH], { ...SCHEDULED, freeze: frozen }),
      { kind: 'pause', reason: frozen.reason },
    ],
  ];
  it.each(CASES)('%s', (_, rollout, expected) => {
    expect(decide(rollout, NOW)).toMatchObject(expected);
  });

  it('dispatches nothing', () => {
    const rollout = view([FRESH], {
      ...SCHEDULED,
      ...at(NOW + 1),
      next: { ...NEXT, forward: waiting(1) },
    });
    expect(decide(rollout, NOW)).toMatchObject({ kind: 'wait' });
  });

  it('takes its hosts when it starts, and its first batch waits', () => {
    const change = changeOf(view([FRESH, FRESH], SCHEDULED), { kind: 'start' }, NOW);
    expect(change).toMatchObject({
      state: 'running',
      take: true,
      batches: [{ number: 1, state: 'waiting' }],
    });
  });
});

describe('a freeze', () => {
  const back = { ...NEXT, back: [1] };
  const rolling = { state: 'rolling_back', next: back } as const;
  const CASES: [string, RolloutView, object][] = [
    [
      'pauses what runs',
      view([{ hosts: { pending: 3 } }], { freeze: frozen, next: { ...NEXT, forward: waiting(1) } }),
      { kind: 'pause', reason: frozen.reason },
    ],
    [
      'leaves what is paused as it is',
      view([{ hosts: { pending: 3 } }], { state: 'paused', freeze: frozen }),
      { kind: 'wait' },
    ],
    [
      'does not hide a trip',
      view([{ hosts: { pending: 3, failed: 1 } }], { freeze: frozen }),
      { kind: 'trip' },
    ],
    [
      'lets rollbacks go on',
      view([{ hosts: { rolling_back: 1 } }], { ...rolling, freeze: frozen }),
      { kind: 'dispatch', direction: 'back' },
    ],
    [
      'stops rollbacks too where it says so',
      view([{ hosts: { rolling_back: 1 } }], {
        ...rolling,
        freeze: { ...frozen, rollbacks: true },
      }),
      { kind: 'wait', reason: { code: 'freeze' } },
    ],
    [
      'does not stop a look at lost hosts',
      view([{ maxFailures: 3, hosts: { lost: 1, pending: 1 } }], {
        state: 'paused',
        freeze: frozen,
        next: { ...NEXT, probe: [1] },
      }),
      { kind: 'dispatch', direction: 'probe' },
    ],
  ];
  it.each(CASES)('%s', (_, rollout, expected) => {
    expect(decide(rollout, NOW)).toMatchObject(expected);
  });

  it.each([
    ['drain', []],
    ['cancel', ['stop']],
  ] as const)('sends queued hosts back; those at work %s', (inflight, more) => {
    const rollout = view([{ hosts: { queued: 1, running: 1 } }], { strategy: { inflight } });
    const change = changeOf(rollout, { kind: 'pause', reason: frozen.reason }, NOW);
    expect(change.state).toBe('paused');
    expect(change.hosts.map(({ set }) => set)).toEqual(['requeue', ...more]);
  });
});
