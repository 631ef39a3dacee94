import { describe, expect, it } from 'vitest';
import {
  applyOutcome,
  beginSwitch,
  changeHost,
  countsDelta,
  expireLease,
  recount,
  type ClaimOutcome,
  type HostRow,
  type OutcomeContext,
} from './index.ts';

const ROW: HostRow = {
  number: 0,
  batch: 1,
  state: 'running',
  outcome: undefined,
  unchanged: false,
  changed: false,
  acknowledged: false,
  coveredBy: undefined,
  retried: false,
  task: 'forward',
  rollBackAfter: false,
  baked: false,
  signature: undefined,
  expiries: 0,
};

type Rollout = OutcomeContext['rollout'];
const running: Rollout = { state: 'running', rollback: undefined };
const paused: Rollout = { state: 'paused', rollback: undefined };
const aborting: Rollout = { state: 'aborting', rollback: undefined };
const rolling = (from: 'paused' | 'aborting'): Rollout => ({
  state: 'rolling_back',
  rollback: { scope: 'all', batch: undefined, from },
});

const ended = (state: ClaimOutcome['state'], more: Partial<ClaimOutcome> = {}): ClaimOutcome => ({
  task: 'forward',
  state,
  unchanged: false,
  switched: false,
  ...more,
});
const back = (state: ClaimOutcome['state']) => ended(state, { task: 'back' });
const probed = (state: ClaimOutcome['state']) => ended(state, { task: 'probe' });
const switched = { switched: true };

type Case = [string, Partial<HostRow>, ClaimOutcome, Rollout, Partial<HostRow>];

const FORWARD: Case[] = [
  ['succeeded', {}, ended('succeeded', switched), running, { state: 'succeeded', changed: true }],
  ['unchanged', {}, ended('succeeded', { unchanged: true }), running, { unchanged: true }],
  [
    'a switch whose report was lost is not unchanged',
    { changed: true },
    ended('succeeded', { unchanged: true }),
    running,
    { state: 'succeeded', unchanged: false, changed: true },
  ],
  ['failed before the switch', {}, ended('failed'), running, { state: 'failed', changed: false }],
  ['failed after it', {}, ended('failed', switched), running, { state: 'failed', changed: true }],
  ['unreachable', {}, ended('unreachable'), running, { state: 'unreachable' }],
  ['no answer after a switch', { changed: true }, ended('unreachable'), running, { state: 'lost' }],
  ['lost', {}, ended('lost', switched), running, { state: 'lost', outcome: 'lost' }],
  ['a retry has ended', { retried: true }, ended('failed'), running, { retried: false }],
  ['released', {}, ended('released'), running, { state: 'pending', task: undefined }],
  ['released while paused', {}, ended('released'), paused, { state: 'pending' }],
  ['released while aborting', {}, ended('released'), aborting, { state: 'cancelled' }],
  [
    'released in a rollback to paused',
    {},
    ended('released'),
    rolling('paused'),
    { state: 'pending' },
  ],
  ['and to aborted', {}, ended('released'), rolling('aborting'), { state: 'cancelled' }],
  ['stopped while paused', {}, ended('cancelled'), paused, { state: 'cancelled' }],
  ['stopped, but resumed meanwhile', {}, ended('cancelled'), running, { state: 'pending' }],
  [
    'late, after its lease ran out',
    { state: 'pending', task: undefined },
    ended('succeeded', switched),
    running,
    { state: 'succeeded' },
  ],
  [
    'late, after the third lease',
    { state: 'lost', outcome: 'lost', task: undefined },
    ended('succeeded', switched),
    running,
    { state: 'succeeded', outcome: 'succeeded' },
  ],
  [
    'chosen for a rollback',
    { rollBackAfter: true },
    ended('succeeded', switched),
    rolling('paused'),
    { state: 'rolling_back', outcome: 'succeeded', task: undefined },
  ],
  [
    'chosen, not changed',
    { rollBackAfter: true },
    ended('failed'),
    rolling('paused'),
    { state: 'failed', rollBackAfter: false },
  ],
  [
    'chosen, but the rollback was stopped',
    { rollBackAfter: true },
    ended('succeeded', switched),
    aborting,
    { state: 'succeeded' },
  ],
];

const CHOSEN = { state: 'rolling_back', task: 'back', changed: true, outcome: 'failed' } as const;
const BACK: Case[] = [
  [
    'rolled back',
    CHOSEN,
    back('rolled_back'),
    rolling('paused'),
    { state: 'rolled_back', changed: false, outcome: 'failed' },
  ],
  [
    'could not be',
    CHOSEN,
    back('rollback_failed'),
    rolling('paused'),
    { state: 'rollback_failed', changed: true },
  ],
  [
    'not reached: again later',
    CHOSEN,
    back('unreachable'),
    rolling('paused'),
    { state: 'rolling_back', task: undefined },
  ],
  [
    'released: again later',
    CHOSEN,
    back('released'),
    rolling('paused'),
    { state: 'rolling_back', task: undefined },
  ],
  ['the rollback was stopped', CHOSEN, back('released'), aborting, { state: 'failed' }],
];

const LOST = {
  state: 'lost',
  outcome: 'lost',
  task: 'probe',
  changed: true,
  coveredBy: 3,
} as const;
const PROBE: Case[] = [
  [
    'it is well',
    { ...LOST, acknowledged: true },
    probed('succeeded'),
    paused,
    { state: 'succeeded', acknowledged: false, coveredBy: undefined },
  ],
  ['it is not', LOST, probed('failed'), paused, { state: 'failed', coveredBy: 3 }],
  ['it does not answer', LOST, probed('lost'), running, { state: 'lost', task: undefined }],
  [
    'chosen meanwhile',
    { ...LOST, state: 'rolling_back' },
    probed('failed'),
    rolling('paused'),
    { state: 'rolling_back', outcome: 'failed', task: undefined },
  ],
  [
    'retried meanwhile',
    { state: 'pending', task: undefined },
    probed('failed'),
    running,
    { state: 'pending', outcome: undefined },
  ],
];

describe.each([
  ['forward', FORWARD],
  ['back', BACK],
  ['probe', PROBE],
])('%s', (_, cases) => {
  it.each(cases)('%s', (__, row, outcome, rollout, expected) => {
    const before = { ...ROW, ...row };
    const after = applyOutcome(before, outcome, { rollout, expired: false });
    expect(after).toMatchObject(expected);
    expect(after.task).toBeUndefined();
  });
});

it('gives up a rollback when the time of the host is over', () => {
  const row = { ...ROW, ...CHOSEN };
  const after = applyOutcome(row, back('unreachable'), {
    rollout: rolling('paused'),
    expired: true,
  });
  expect(after.state).toBe('rollback_failed');
});

describe('a lease that runs out', () => {
  const CASES: [string, Partial<HostRow>, Rollout, Partial<HostRow>][] = [
    ['the first', {}, running, { state: 'pending', expiries: 1 }],
    ['the second', { expiries: 1 }, running, { state: 'pending', expiries: 2 }],
    [
      'the third is the fault of the host',
      { expiries: 2 },
      running,
      { state: 'lost', expiries: 3 },
    ],
    ['nobody comes again while aborting', {}, aborting, { state: 'cancelled' }],
    ['nobody knows, after the switch', { changed: true }, aborting, { state: 'lost' }],
    ['of a rollback', CHOSEN, rolling('paused'), { state: 'rolling_back', task: undefined }],
    ['of a probe', LOST, running, { state: 'lost', task: undefined, expiries: 0 }],
  ];
  it.each(CASES)('%s', (_, row, rollout, expected) => {
    const after = expireLease({ ...ROW, ...row }, { rollout, expired: false });
    expect(after).toMatchObject(expected);
  });
});

it('counts a host once, by its latest outcome', () => {
  const failed = applyOutcome(beginSwitch(ROW), ended('failed'), {
    rollout: running,
    expired: false,
  });
  expect(recount([failed])).toMatchObject({ failures: 1, stickyFailures: 1, changed: 1 });
  const undone: HostRow = { ...failed, state: 'rolled_back', changed: false };
  expect(recount([undone])).toMatchObject({ failures: 0, stickyFailures: 1, changed: 0 });
  const known = changeHost(failed, 'acknowledge');
  expect(recount([known])).toMatchObject({
    failures: 0,
    stickyFailures: 0,
    acknowledgedFailures: 1,
  });
  const again = changeHost(known, 'retry');
  expect(recount([again])).toMatchObject({ failures: 0, acknowledgedFailures: 0, retrying: 1 });
  expect(countsDelta(failed, undone)).toMatchObject({
    failures: -1,
    stickyFailures: 0,
    changed: -1,
  });
});
