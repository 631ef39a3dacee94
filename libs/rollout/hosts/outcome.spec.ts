import { describe, expect, it } from 'vitest';
import {
  applyOutcome,
  beginSwitch,
  changeHost,
  countsDelta,
  expireLease,
  isSelected,
  recount,
  type ClaimOutcome,
  type HostRow,
  type OutcomeContext,
} from '../index.ts';

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
const asking: Rollout = { state: 'pending_approval', rollback: undefined };
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
    'late, after it was skipped: it stays skipped, and is known to be changed',
    { state: 'skipped', task: undefined },
    ended('failed', switched),
    running,
    { state: 'skipped', outcome: undefined, changed: true },
  ],
  [
    'late, after a person sent it again: that is what counts',
    { state: 'pending', task: undefined, retried: true },
    ended('failed', switched),
    running,
    { state: 'pending', outcome: undefined, retried: true, changed: true },
  ],
  [
    'late, of the retry itself',
    { state: 'pending', task: undefined, retried: true, expiries: 1 },
    ended('failed'),
    running,
    { state: 'failed', retried: false },
  ],
  ['released while people are asked', {}, ended('released'), asking, { state: 'pending' }],
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

const BAKING = {
  state: 'succeeded',
  outcome: 'succeeded',
  task: 'bake',
  changed: true,
} as const;
const checked = (state: ClaimOutcome['state']) => ended(state, { task: 'bake' });
const BAKE: Case[] = [
  [
    'it is well',
    BAKING,
    checked('succeeded'),
    running,
    { state: 'succeeded', baked: true, changed: true },
  ],
  ['it is not', BAKING, checked('failed'), paused, { state: 'failed', outcome: 'failed' }],
  ['it does not answer', BAKING, checked('unreachable'), running, { state: 'lost' }],
  [
    'it does not answer, and was never changed',
    { ...BAKING, changed: false, unchanged: true },
    checked('lost'),
    running,
    { state: 'lost', outcome: 'lost', unchanged: false },
  ],
  [
    'given back: checked again',
    BAKING,
    checked('released'),
    running,
    { state: 'succeeded', baked: false },
  ],
  [
    'chosen for a rollback meanwhile',
    { ...BAKING, state: 'rolling_back' },
    checked('failed'),
    rolling('paused'),
    { state: 'rolling_back', outcome: 'failed' },
  ],
  [
    'late: it is checked again',
    { ...BAKING, task: undefined },
    checked('failed'),
    running,
    { state: 'succeeded', baked: false },
  ],
];

describe.each([
  ['forward', FORWARD],
  ['back', BACK],
  ['probe', PROBE],
  ['bake', BAKE],
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
    [
      'of a check after a bake: again',
      BAKING,
      running,
      { state: 'succeeded', task: undefined, baked: false, expiries: 1 },
    ],
    [
      'the third of one is the fault of the host',
      { ...BAKING, expiries: 2 },
      running,
      { state: 'lost', outcome: 'lost' },
    ],
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

it('counts a host that was checked after its bake until it is sent again', () => {
  const baked: HostRow = { ...ROW, ...BAKING, task: undefined, baked: true };
  expect(recount([baked])).toMatchObject({ baked: 1 });
  expect(recount([changeHost(baked, 'bake')])).toMatchObject({ baked: 0 });
  expect(recount([changeHost(baked, 'rollBack')])).toMatchObject({ baked: 0 });
});

describe('skip', () => {
  const STATES = ['pending', 'queued', 'failed', 'unreachable', 'lost', 'cancelled'] as const;
  it.each(STATES)('a host that is %s counts nowhere any more', (state) => {
    const failed = state === 'failed' || state === 'lost' || state === 'unreachable';
    const row: HostRow = {
      ...ROW,
      state,
      task: undefined,
      retried: true,
      ...(failed && { outcome: state, coveredBy: 3, signature: 's', acknowledged: true }),
    };
    const { states, ...tallies } = recount([changeHost(row, 'skip')]);
    expect(states.skipped).toBe(1);
    expect(Object.values(tallies).every((count) => count === 0)).toBe(true);
  });

  it('leaves a host that was changed to a rollback', () => {
    const row: HostRow = { ...ROW, state: 'failed', outcome: 'failed', changed: true };
    expect(changeHost(row, 'skip')).toMatchObject({ state: 'skipped', changed: true });
  });
});

it('a selection by signature takes hosts of that signature', () => {
  const row: HostRow = { ...ROW, state: 'failed', outcome: 'failed', signature: 's' };
  expect(isSelected(row, { signature: 's', counted: true })).toBe(true);
  expect(isSelected(row, { signature: 't', counted: true })).toBe(false);
  expect(isSelected({ ...row, acknowledged: true }, { signature: 's', counted: true })).toBe(false);
});
