import { describe, expect, it } from 'vitest';
import { DIGEST, type Model } from './model.ts';
import { batchStates, claimAll, end, refusal, standing, start, statesOf, work } from './play.ts';

const APPROVE = { kind: 'approve', planDigest: DIGEST } as const;

/** Time until the window of every host is open, or shut. */
function passUntil(model: Model, open: boolean): void {
  for (let turn = 0; turn < 100; turn += 1) {
    if (model.hosts.every((row) => model.isOpen(row) === open)) return;
    model.pass(5000);
  }
  throw new Error('the windows do not change');
}

function reasonOf(model: Model): string | undefined {
  return model.view.reason?.code;
}

describe('bake', () => {
  const baking = { sizes: [3, 2], maxFailures: 1, batch: { maxFailures: 1, bake: '10m' } };

  it('holds the gate until its time is over and every host was checked', () => {
    const model = start(baking);
    work(model);
    expect(batchStates(model)).toEqual(['baking', 'pending']);
    model.pass(10 * 60_000 - 1);
    work(model);
    expect(batchStates(model)).toEqual(['baking', 'pending']);
    model.pass(1);
    model.conduct();
    expect(model.hosts.map(({ task }) => task).slice(0, 3)).toEqual(['bake', 'bake', 'bake']);
    work(model);
    expect(batchStates(model)).toEqual(['passed', 'baking']);
    model.pass(10 * 60_000);
    work(model);
    expect(model.view.state).toBe('succeeded');
  });

  it('counts hosts that are no longer well, and trips', () => {
    const model = start(baking);
    work(model);
    model.pass(10 * 60_000);
    model.conduct();
    end(model, 0, 'failed');
    expect(model.view.state).toBe('running');
    end(model, 1, 'lost');
    expect(model.view).toMatchObject({ state: 'paused', reason: { code: 'failure_budget' } });
    expect(batchStates(model)).toEqual(['tripped', 'pending']);
  });

  it('runs on while paused, its checks too', () => {
    const model = start(baking);
    work(model);
    model.act({ kind: 'pause' });
    model.pass(10 * 60_000);
    work(model);
    expect(model.view.batches[0]?.counts.baked).toBe(3);
    expect(batchStates(model)).toEqual(['baking', 'pending']);
    model.act({ kind: 'resume' });
    model.conduct();
    expect(batchStates(model)).toEqual(['passed', 'running']);
  });

  it('is ended by `advance`, but not its checks', () => {
    const model = start(baking);
    work(model);
    model.act({ kind: 'advance' });
    model.conduct();
    expect(model.hosts[0]?.task).toBe('bake');
    work(model);
    expect(batchStates(model)[0]).toBe('passed');
  });

  it('comes anew after a retry', () => {
    const model = start(baking);
    claimAll(model);
    end(model, 0, 'failed');
    end(model, 1, 'succeeded');
    end(model, 2, 'succeeded');
    model.conduct();
    model.pass(5 * 60_000);
    model.act({ kind: 'retry', states: ['failed'] });
    work(model);
    expect(model.view.batches[0]?.bakeUntil).toBe(model.now + 10 * 60_000);
  });
});

describe('approval', () => {
  const needed = {
    sizes: [2, 2],
    plan: { approval: { required: true, approvers: 2, expires: '1h' } },
    world: { state: 'pending_approval' as const },
  };

  it('two people, neither of them the one who asked', () => {
    const model = start(needed);
    expect(reasonOf(model)).toBe('approval');
    expect(refusal(() => model.act(APPROVE, [], 'requester')).code).toBe('forbidden');
    model.act(APPROVE, [], 'one');
    expect(refusal(() => model.act(APPROVE, [], 'one')).code).toBe('conflict');
    work(model);
    expect(statesOf(model, 0, 4)).toEqual(['pending']);
    model.act(APPROVE, [], 'two');
    work(model);
    expect(model.view.state).toBe('succeeded');
  });

  it('is denied when nobody answers in time', () => {
    const model = start(needed);
    model.pass(3_600_000);
    model.conduct();
    expect(model.view).toMatchObject({ state: 'denied', reason: { code: 'approval' } });
    expect(statesOf(model, 0, 4)).toEqual(['cancelled']);
  });

  it('of a canary: asked after it, and the delay counts from the answer', () => {
    const model = start({ sizes: [1, 3], delay: '30s', batch: { approval: true } });
    work(model);
    expect(model.view).toMatchObject({ state: 'pending_approval', approval: { batch: 1 } });
    model.pass(600_000);
    model.act(APPROVE, [], 'one');
    work(model);
    expect(batchStates(model)).toEqual(['passed', 'waiting']);
    model.pass(30_000);
    work(model);
    expect(model.view.state).toBe('succeeded');
  });

  it('that was denied after the canary can still be rolled back', () => {
    const model = start({ sizes: [1, 3], batch: { approval: true } });
    work(model);
    model.act({ kind: 'deny' }, [], 'one');
    work(model);
    expect(model.view.state).toBe('aborted');
    model.act({ kind: 'rollback', scope: 'all' });
    work(model);
    expect(statesOf(model, 0, 1)).toEqual(['rolled_back']);
  });
});

describe('a night', () => {
  it('a window ends with a trip and onTrip rollback-batch: the batch is undone all the same', () => {
    const model = start({
      sizes: [4, 4],
      concurrency: 2,
      strategy: { onTrip: 'rollback-batch' },
      world: { windows: true },
    });
    passUntil(model, true);
    model.conduct();
    claimAll(model);
    passUntil(model, false);
    end(model, 0, 'succeeded');
    end(model, 1, 'failed');
    expect(model.view).toMatchObject({ state: 'rolling_back', reason: { code: 'failure_budget' } });
    work(model);
    expect(statesOf(model, 0, 2)).toEqual(['rolled_back']);
    expect(model.view.state).toBe('paused');
    expect(model.view.trips).toHaveLength(1);
    model.act({ kind: 'resume', mode: 'retry' });
    work(model);
    expect(reasonOf(model)).toBe('window');
    passUntil(model, true);
    model.conduct();
    expect(model.hosts.some(({ state }) => state === 'queued')).toBe(true);
  });

  it('a canary that was never reached is no canary that passed', () => {
    const model = start({ sizes: [1, 5], batch: { maxUnreachable: 1 } });
    claimAll(model);
    end(model, 0, 'unreachable', false);
    model.conduct();
    expect(model.view).toMatchObject({ state: 'paused', reason: { code: 'batch_failed' } });
    expect(statesOf(model, 1, 6)).toEqual(['pending']);
  });

  it('hosts that are no longer there are skipped, and nothing waits for them', () => {
    const model = start({ sizes: [3, 2], maxFailures: 0 });
    claimAll(model);
    end(model, 0, 'succeeded');
    end(model, 1, 'lost');
    end(model, 2, 'succeeded');
    const acknowledge = standing(model);
    model.act({ kind: 'skip', hosts: ['h1', 'h4'] }, [1, 4]);
    expect(model.view.state).toBe('paused');
    model.act({ kind: 'resume', mode: 'continue', acknowledge });
    work(model);
    expect(model.view.state).toBe('completed_with_errors');
    expect(model.hosts.map(({ state }) => state)).toEqual([
      'succeeded',
      'skipped',
      'succeeded',
      'succeeded',
      'skipped',
    ]);
  });

  it('a rollout that wants hosts of another one waits for a person, and takes them then', () => {
    const model = start({ sizes: [2], world: { state: 'scheduled', conflict: true } });
    expect(model.view).toMatchObject({ state: 'paused', reason: { code: 'lock_conflict' } });
    expect(refusal(() => model.act({ kind: 'resume' })).code).toBe('lock_conflict');
    model.block(undefined);
    model.act({ kind: 'resume' });
    work(model);
    expect(model.view.state).toBe('succeeded');
  });

  it('a freeze pauses what runs, and a person goes on after it', () => {
    const model = start({ sizes: [4], concurrency: 2 });
    claimAll(model);
    model.freeze({ rollbacks: false });
    model.conduct();
    expect(model.view).toMatchObject({ state: 'paused', reason: { code: 'freeze' } });
    expect(refusal(() => model.act({ kind: 'resume' })).code).toBe('conflict');
    end(model, 0, 'succeeded');
    end(model, 1, 'succeeded');
    model.freeze(undefined);
    work(model);
    expect(model.view.state).toBe('paused');
    model.act({ kind: 'resume' });
    work(model);
    expect(model.view.state).toBe('succeeded');
  });

  it('skip-batch leaves what waits in it, and goes on with the next', () => {
    const model = start({ sizes: [4, 2], concurrency: 2 });
    claimAll(model);
    end(model, 0, 'failed');
    end(model, 1, 'succeeded');
    model.act({ kind: 'resume', mode: 'skip-batch' });
    work(model);
    expect(model.hosts.map(({ state }) => state)).toEqual([
      'failed',
      'succeeded',
      'skipped',
      'skipped',
      'succeeded',
      'succeeded',
    ]);
    expect(model.view.state).toBe('completed_with_errors');
  });

  it('onTrip abort ends as `failed`, with what was done kept', () => {
    const model = start({ sizes: [3, 3], strategy: { onTrip: 'abort' } });
    work(model, [1]);
    expect(model.view).toMatchObject({ state: 'failed', reason: { code: 'failure_budget' } });
    expect(statesOf(model, 3, 6)).toEqual(['cancelled']);
    expect(batchStates(model)).toEqual(['tripped', 'skipped']);
  });

  it('a lower budget trips at once, a higher one undoes nothing', () => {
    const model = start({ sizes: [6], maxFailures: 3, concurrency: 3 });
    claimAll(model);
    end(model, 0, 'failed');
    end(model, 1, 'failed');
    model.act({ kind: 'patch', budgets: { batches: { 1: { maxFailures: { count: 1 } } } } });
    expect(model.view).toMatchObject({ state: 'paused', reason: { code: 'failure_budget' } });
    model.act({ kind: 'patch', budgets: { batches: { 1: { maxFailures: { count: 5 } } } } });
    expect(model.view.trips).toHaveLength(1);
    expect(model.view.state).toBe('paused');
  });
});
