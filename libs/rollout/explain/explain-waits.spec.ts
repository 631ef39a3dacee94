import { describe, expect, it } from 'vitest';
import { emptyCounts } from '../view/counts.ts';
import { explainWaits, type Wait } from './explain-waits.ts';
import type { BatchView, RolloutView } from '../view/view.ts';

const NOW = 1_000_000;

function batch(number: number, said: Partial<BatchView> = {}): BatchView {
  return {
    number,
    state: 'pending',
    size: 10,
    delay: 30_000,
    maxFailures: 1,
    maxUnreachable: undefined,
    startedAt: undefined,
    passedAt: undefined,
    bake: 0,
    approval: false,
    bakeUntil: undefined,
    delayWaived: false,
    workedFor: 0,
    waived: [],
    counts: emptyCounts(),
    ...said,
  };
}

function view(said: Partial<RolloutView> = {}): RolloutView {
  return {
    id: '01J',
    rev: 1,
    state: 'running',
    reason: undefined,
    strategy: {
      concurrency: 5,
      strict: false,
      inflight: 'drain',
      onTrip: 'pause',
      maxFailures: undefined,
      maxUnreachable: undefined,
      maxSameSignature: undefined,
      domains: {},
      windows: [],
      approval: { required: true, approvers: 2, expires: 60_000 },
      startAt: NOW + 5000,
      startWithin: 900_000,
      planned: 20,
      batchTimeout: 14_400_000,
      hostTimeout: 1_800_000,
    },
    batches: [batch(1), batch(2)],
    startedAt: undefined,
    owned: true,
    conflict: undefined,
    bundle: undefined,
    freeze: undefined,
    atWork: 0,
    working: { forward: 0, back: 0, probe: 0, bake: 0 },
    running: 0,
    domainsAtWork: {},
    doubtful: 0,
    next: { forward: [], retries: 0, back: [], probe: [], bake: [] },
    window: undefined,
    windowWaivedUntil: undefined,
    approval: undefined,
    signatures: [],
    held: [],
    nextDue: undefined,
    trips: [],
    lastTripped: undefined,
    rollback: undefined,
    abort: undefined,
    ...said,
  };
}

const passed = batch(1, { state: 'passed', startedAt: 1, passedAt: NOW - 10_000 });
const failed = {
  code: 'failure_budget',
  message: 'batch 2: 9 failed of 100, 8 tolerated',
} as const;
const counts = emptyCounts();

describe('what a rollout waits for', () => {
  it.each<[string, Partial<RolloutView>, Wait[]]>([
    ['has ended', { state: 'succeeded', atWork: 1 }, []],
    ['hosts are at work', { atWork: 3 }, [{ message: '3 hosts at work', until: undefined }]],
    [
      'approval of the start',
      { state: 'pending_approval', approval: { batch: undefined, askedAt: NOW, by: ['a'] } },
      [{ message: 'approval of the start: 1 of 2 given', until: NOW + 60_000 }],
    ],
    [
      'approval of a gate',
      { state: 'pending_approval', approval: { batch: 2, askedAt: NOW, by: [] } },
      [{ message: 'approval of the gate of batch 2: 0 of 2 given', until: NOW + 60_000 }],
    ],
    ['its time', { state: 'scheduled' }, [{ message: 'its start', until: NOW + 5000 }]],
    [
      'the one that it supersedes',
      { state: 'scheduled', conflict: { hosts: 2, rollout: '01H', ending: true } },
      [{ message: 'rollout 01H, which it supersedes, to end', until: undefined }],
    ],
    [
      'a trip that nobody answered, while hosts at work drain',
      {
        state: 'paused',
        atWork: 1,
        trips: [{ decision: 17, scope: 'batch', batch: 2, reason: failed }],
      },
      [
        { message: `a person who answers decision 17: ${failed.message}`, until: undefined },
        { message: '1 host at work, to be finished', until: undefined },
      ],
    ],
    [
      'a person after a pause',
      { state: 'paused', reason: { code: 'operator', message: 'paused: lunch' } },
      [{ message: 'a person who resumes it: paused: lunch', until: undefined }],
    ],
    [
      'a delay',
      { batches: [passed, batch(2, { state: 'waiting' })] },
      [{ message: 'the delay before batch 2', until: NOW + 20_000 }],
    ],
    ['a delay that a person ended', { batches: [passed, batch(2, { delayWaived: true })] }, []],
    [
      'a bake',
      { batches: [batch(1, { state: 'baking', startedAt: 1, bakeUntil: NOW + 9000 })] },
      [{ message: 'batch 1 to bake', until: NOW + 9000 }],
    ],
    [
      'the checks at the end of a bake',
      {
        batches: [
          batch(1, {
            state: 'baking',
            startedAt: 1,
            bakeUntil: NOW,
            counts: { ...counts, states: { ...counts.states, succeeded: 10 }, baked: 4 },
          }),
        ],
      },
      [{ message: 'the health of 6 hosts of batch 1', until: undefined }],
    ],
    [
      'a window',
      { window: { shut: true, opensAt: NOW + 7000 } },
      [{ message: 'a window in which hosts may start', until: NOW + 7000 }],
    ],
    [
      'a freeze',
      { freeze: { reason: { code: 'freeze', message: 'payday' }, rollbacks: false } },
      [{ message: 'the end of the freeze: payday', until: undefined }],
    ],
    [
      'no worker',
      {
        held: [
          { site: 'dc1', hosts: 4, reason: { code: 'no_worker', message: 'no worker of dc1' } },
        ],
      },
      [{ message: '4 hosts wait: no worker of dc1', until: undefined }],
    ],
    [
      'hosts that could not be rolled back yet',
      {
        state: 'rolling_back',
        nextDue: NOW + 60_000,
        batches: [
          batch(1, { counts: { ...counts, states: { ...counts.states, rolling_back: 2 } } }),
        ],
      },
      [{ message: '2 hosts not rolled back yet, to be tried again', until: NOW + 60_000 }],
    ],
    [
      'hosts that were lost',
      {
        nextDue: NOW + 60_000,
        batches: [batch(1, { counts: { ...counts, states: { ...counts.states, lost: 1 } } })],
      },
      [{ message: '1 host lost, to be looked at again', until: NOW + 60_000 }],
    ],
  ])('%s', (_, said, waits) => {
    expect(explainWaits(view(said), NOW)).toEqual(waits);
  });
});
