import { describe, expect, it } from 'vitest';
import { isGofleetError } from '#errors';
import { NOW, view, type Batch } from '../../../test/rules/view.ts';
import {
  planVerb,
  ROLLOUT_STATES,
  type Asking,
  type Change,
  type HostState,
  type RolloutView,
  type Verb,
} from '../index.ts';

const OPEN: Batch = { hosts: { pending: 3, succeeded: 2 } };
const FRESH: Batch = { state: 'pending', startedAt: undefined, hosts: { pending: 3 } };
const BEFORE = { owned: false, startedAt: undefined } as const;
const ASKING: Asking = { now: NOW, token: 'one', requester: 'asker', planDigest: '' };
const frozen = { reason: { code: 'freeze', message: 'Christmas' } as const, rollbacks: true };
const trip = (scope: 'batch' | 'rollout' = 'batch') => ({
  decision: 7,
  scope,
  batch: 1,
  reason: { code: 'failure_budget' as const, message: 'too many' },
});

function plan(rollout: RolloutView, verb: Verb, named: Asking['named'] = []): Change {
  return planVerb(rollout, verb, { ...ASKING, named });
}

function refusal(rollout: RolloutView, verb: Verb, named: Asking['named'] = []) {
  try {
    plan(rollout, verb, named);
  } catch (error) {
    if (isGofleetError(error)) return { code: error.code, message: error.message };
  }
  return undefined;
}

const host = (number: number, state: HostState) => ({
  number,
  batch: 1,
  state,
  name: `h${number}`,
});

describe('abort', () => {
  const abort = {
    kind: 'abort',
    inflight: 'drain',
    rollback: 'none',
    stopRollback: false,
  } as const;

  it.each(['scheduled', 'pending_approval', 'paused'] as const)(
    'of one that is %s and never began ends at once',
    (state) => {
      const change = plan(view([FRESH, FRESH], { ...BEFORE, state }), abort);
      expect(change).toMatchObject({
        state: 'aborted',
        reason: { code: 'operator' },
        hosts: [{ select: { states: ['pending', 'queued'] }, set: 'cancel' }],
        batches: [{ state: 'skipped' }, { state: 'skipped' }],
      });
    },
  );

  it.each(['running', 'paused', 'pending_approval'] as const)(
    'of one that began and is %s drains',
    (state) => {
      expect(plan(view([OPEN], { state }), abort)).toMatchObject({
        state: 'aborting',
        abort: { final: 'aborted', inflight: 'drain', rollback: 'none' },
      });
    },
  );
});

describe('a freeze', () => {
  const paused = view([OPEN], { state: 'paused', freeze: frozen });
  const verbs: Verb[] = [
    { kind: 'resume' },
    { kind: 'retry', states: ['failed'] },
    { kind: 'resume', mode: 'retry' },
  ];
  it.each(verbs)('refuses %j', (verb) => {
    expect(refusal(paused, verb)).toEqual({
      code: 'conflict',
      message: 'everything is frozen: Christmas',
    });
  });

  it('refuses no rollback and no abort', () => {
    expect(plan(paused, { kind: 'rollback', scope: 'all' }).state).toBe('rolling_back');
  });
});

describe('resume of a rollout that does not own its hosts', () => {
  const waits = { ...BEFORE, state: 'paused' } as const;

  it('takes them', () => {
    expect(plan(view([FRESH], waits), { kind: 'resume' })).toMatchObject({
      state: 'running',
      take: true,
    });
    expect(plan(view([OPEN], { state: 'paused' }), { kind: 'resume' }).take).toBeUndefined();
  });

  it('is refused where another one holds them', () => {
    const conflict = { hosts: 2, rollout: 'other', ending: false };
    expect(refusal(view([FRESH], { ...waits, conflict }), { kind: 'resume' })).toEqual({
      code: 'lock_conflict',
      message: '2 hosts belong to rollout other',
    });
  });

  it('tries a credential again that was held', () => {
    expect(plan(view([OPEN], { state: 'paused' }), { kind: 'resume' }).liftHolds).toBe(true);
  });
});

it('a resume goes on with a bake where it stands', () => {
  const baking: Batch = { state: 'baking', bake: 9, bakeUntil: NOW + 5, hosts: { succeeded: 2 } };
  const change = plan(view([baking], { state: 'paused' }), { kind: 'resume' });
  expect(change.batches).toEqual([{ number: 1, state: 'baking' }]);
});

describe('resume {mode: skip-batch}', () => {
  const skip = { kind: 'resume', mode: 'skip-batch' } as const;
  const TRIPPED: Batch = { state: 'tripped', hosts: { failed: 3, pending: 2 } };
  const paused = (more: Partial<RolloutView> = {}) => ({ state: 'paused' as const, ...more });

  it('skips what waits in the batch that tripped, and acknowledges what failed in it', () => {
    const change = plan(view([TRIPPED, FRESH], paused({ trips: [trip()] })), skip);
    expect(change).toMatchObject({ state: 'running', answered: true });
    expect(change.hosts).toEqual([
      { select: { states: ['cancelled'] }, set: 'revive' },
      { select: { batches: [1], states: ['pending', 'queued'] }, set: 'skip' },
      { select: { batches: [1], counted: true }, set: 'acknowledge' },
    ]);
    expect(change.batches).toContainEqual({
      number: 1,
      state: 'running',
      waive: ['batch_failed', 'deadline'],
    });
  });

  it('of the batch at work where none tripped', () => {
    const rollout = view([{ ...OPEN, passedAt: NOW }, OPEN], paused());
    expect(plan(rollout, skip).hosts[1]?.select.batches).toEqual([2]);
  });

  const REFUSED: [string, RolloutView, Verb, string][] = [
    ['there is no such batch', view([OPEN], paused()), { ...skip, batch: 9 }, 'invalid_request'],
    [
      'its gate is open',
      view([{ ...OPEN, passedAt: NOW }], paused()),
      { ...skip, batch: 1 },
      'conflict',
    ],
    ['it acknowledges', view([OPEN], paused()), { ...skip, acknowledge: 7 }, 'invalid_request'],
    [
      'a batch goes with another mode',
      view([OPEN], paused()),
      { kind: 'resume', mode: 'continue', batch: 1 },
      'invalid_request',
    ],
    [
      'what failed in other batches exceeds the budget of the rollout',
      view([TRIPPED, { ...TRIPPED, passedAt: NOW }], {
        ...paused({ trips: [trip('rollout')] }),
        strategy: { maxFailures: 2 },
      }),
      skip,
      'conflict',
    ],
  ];
  it.each(REFUSED)('is refused where %s', (_, rollout, verb, code) => {
    expect(refusal(rollout, verb)?.code).toBe(code);
  });
});

describe('skip', () => {
  const rollout = view([{ hosts: { pending: 1, failed: 1, running: 1, succeeded: 1 } }]);

  it('drops hosts by state', () => {
    const change = plan(rollout, { kind: 'skip', states: ['pending', 'lost'] });
    expect(change).toMatchObject({
      state: 'running',
      hosts: [{ select: { states: ['pending', 'lost'] }, set: 'skip' }],
    });
  });

  const TAKEN: HostState[] = [
    'pending',
    'queued',
    'failed',
    'unreachable',
    'lost',
    'cancelled',
    'skipped',
    'rolled_back',
    'rollback_failed',
  ];
  it.each(TAKEN)('drops a named host that is %s', (state) => {
    const change = plan(rollout, { kind: 'skip', hosts: ['h1'] }, [host(1, state)]);
    expect(change.hosts[0]).toMatchObject({ select: { numbers: [1] }, set: 'skip' });
  });

  it.each(['running', 'succeeded', 'rolling_back'] as const)(
    'names the hosts that are %s, and drops none',
    (state) => {
      const named = [host(1, 'pending'), host(2, state)];
      expect(refusal(rollout, { kind: 'skip', hosts: ['h1', 'h2'] }, named)).toEqual({
        code: 'conflict',
        message: `cannot be skipped: h2 (${state})`,
      });
    },
  );

  it('is refused where no host is so', () => {
    expect(refusal(rollout, { kind: 'skip', states: ['lost'] })?.code).toBe('conflict');
  });
});

describe('in which states', () => {
  const asked: Record<string, Verb> = {
    skip: { kind: 'skip', states: ['pending'] },
    refresh: { kind: 'refresh' },
    extend: { kind: 'extend', targets: 'all' },
    patch: { kind: 'patch', concurrency: 5 },
    approve: { kind: 'approve', planDigest: '' },
    deny: { kind: 'deny' },
  };
  const ALLOWED: [string, string[]][] = [
    ['skip', ['scheduled', 'running', 'paused']],
    ['refresh', ['scheduled', 'running', 'paused']],
    ['extend', ['scheduled', 'running', 'paused']],
    ['patch', ['scheduled', 'running', 'paused']],
    ['approve', ['pending_approval']],
    ['deny', ['pending_approval']],
  ];
  it.each(ALLOWED)('%s', (kind, states) => {
    const verb = asked[kind];
    if (!verb) throw new Error(`no ${kind}`);
    const approval = { batch: undefined, askedAt: NOW, by: [] };
    const possible = ROLLOUT_STATES.filter(
      (state) => refusal(view([OPEN], { state, approval }), verb) === undefined,
    );
    expect(possible.toSorted()).toEqual(states.toSorted());
  });
});
