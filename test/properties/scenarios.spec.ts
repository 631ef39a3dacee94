import { describe, expect, it } from 'vitest';
import {
  batchStates,
  claimAll,
  end,
  isRunning,
  limits,
  refusal,
  standing,
  start,
  statesOf,
  work,
} from './play.ts';

describe('the way through', () => {
  it('goes batch by batch and succeeds', () => {
    const model = start({ sizes: [3, 4, 5] });
    expect(batchStates(model)).toEqual(['running', 'pending', 'pending']);
    work(model);
    expect(model.view.state).toBe('succeeded');
    expect(batchStates(model)).toEqual(['passed', 'passed', 'passed']);
  });

  it('waits for the delay after each batch but the last', () => {
    const model = start({ sizes: [2, 2], delay: '30s' });
    work(model);
    expect(batchStates(model)).toEqual(['passed', 'waiting']);
    model.pass(29_999);
    work(model);
    expect(statesOf(model, 2, 4)).toEqual(['pending']);
    model.pass(1);
    work(model);
    expect(model.view.state).toBe('succeeded');
  });

  it('ends completed_with_errors when tolerated hosts failed', () => {
    const model = start({ sizes: [4], maxFailures: 1 });
    work(model, [2]);
    expect(model.view.state).toBe('completed_with_errors');
  });
});

describe('a trip in batch 2 with hosts at work', () => {
  it('pauses at once, drains, and touches nothing new', () => {
    const model = start({ sizes: [3, 10, 5], maxFailures: 1, concurrency: 6 });
    for (const number of [0, 1, 2]) {
      claimAll(model);
      end(model, number, 'succeeded');
    }
    model.conduct();
    claimAll(model);
    end(model, 3, 'failed');
    end(model, 4, 'failed');
    expect(model.view).toMatchObject({
      state: 'paused',
      reason: { code: 'failure_budget', message: 'batch 2: 2 failed of 10, 1 tolerated' },
      lastTripped: 2,
    });
    model.conduct();
    expect(model.view.atWork).toBe(4);
    for (const number of [5, 6, 7, 8]) end(model, number, 'succeeded');
    model.conduct();
    expect(statesOf(model, 9, 18)).toEqual(['pending']);
    expect(batchStates(model)).toEqual(['passed', 'tripped', 'pending']);
    expect(model.view.trips).toHaveLength(1);
  });

  it('rolls batch 2 back, keeps batch 1, and a retry brings it to its end', () => {
    const model = start({ sizes: [3, 4, 5], maxFailures: 1 });
    work(model, [3, 4]);
    expect(model.view.state).toBe('paused');
    model.act({ kind: 'rollback', scope: 'batch' });
    expect(batchStates(model)).toEqual(['passed', 'rolling_back', 'pending']);
    work(model);
    expect(model.view).toMatchObject({ state: 'paused', reason: { code: 'operator' } });
    expect(batchStates(model)).toEqual(['passed', 'rolled_back', 'pending']);
    expect(statesOf(model, 0, 3)).toEqual(['succeeded']);
    expect(statesOf(model, 3, 7)).toEqual(['rolled_back']);
    expect(refusal(() => model.act({ kind: 'resume' })).code).toBe('invalid_request');
    model.act({ kind: 'resume', mode: 'retry' });
    work(model);
    expect(model.view.state).toBe('succeeded');
  });

  it('rolls batch 2 back and goes on without it', () => {
    const model = start({ sizes: [3, 4, 5], maxFailures: 1 });
    work(model, [3, 4]);
    model.act({ kind: 'rollback', scope: 'batch' });
    work(model);
    model.act({ kind: 'resume', mode: 'continue', acknowledge: standing(model) });
    work(model);
    expect(batchStates(model)).toEqual(['passed', 'rolled_back', 'passed']);
    expect(statesOf(model, 3, 7)).toEqual(['rolled_back']);
    expect(model.view.state).toBe('completed_with_errors');
  });

  it('goes on past a batch in which nothing succeeded once a person accepts it', () => {
    const model = start({ sizes: [2, 3], maxFailures: 0 });
    work(model, [0, 1]);
    model.act({ kind: 'rollback', scope: 'batch' });
    work(model);
    model.act({ kind: 'resume', mode: 'continue', acknowledge: standing(model) });
    work(model);
    expect(batchStates(model)).toEqual(['rolled_back', 'passed']);
  });

  it('stops those at work where the plan says cancel', () => {
    const model = start({ sizes: [3], maxFailures: 0, inflight: 'cancel' });
    claimAll(model);
    end(model, 0, 'failed');
    expect(model.hosts.map((row) => model.isStopping(row))).toEqual([false, true, true]);
    end(model, 1, 'cancelled', false);
    end(model, 2, 'cancelled', false);
    model.act({ kind: 'resume', mode: 'retry' });
    work(model);
    expect(model.view.state).toBe('succeeded');
  });
});

describe('acknowledged failures', () => {
  it('5 tolerated, 6 acknowledged: trips again at 12', () => {
    const model = start({ sizes: [50], maxFailures: 5, concurrency: 1 });
    expect(limits(model)).toEqual([6]);
    for (let number = 0; isRunning(model); number += 1) {
      claimAll(model);
      end(model, number, 'failed');
      model.conduct();
    }
    expect(model.view.batches[0]?.counts.failures).toBe(6);
    model.act({ kind: 'resume', mode: 'continue', acknowledge: standing(model) });
    expect(limits(model)).toEqual([12]);
    model.conduct();
    for (let number = 6; isRunning(model); number += 1) {
      claimAll(model);
      end(model, number, 'failed');
      model.conduct();
    }
    expect(model.view.reason?.message).toBe(
      'batch 1: 12 failed of 50, 6 of them acknowledged, 5 tolerated',
    );
    expect(model.view.batches[0]?.counts.states.failed).toBe(12);
  });

  it('failures after the decision still count, and a newer trip must be seen', () => {
    const model = start({ sizes: [20], maxFailures: 1, concurrency: 10 });
    claimAll(model);
    for (const number of [0, 1]) end(model, number, 'failed');
    const first = standing(model);
    end(model, 2, 'failed');
    expect(model.view.trips).toHaveLength(1);
    end(model, 3, 'failed');
    expect(model.view.trips).toHaveLength(2);
    const older = refusal(() =>
      model.act({ kind: 'resume', mode: 'continue', acknowledge: first }),
    );
    expect(older).toMatchObject({
      code: 'conflict',
      details: {
        trip: { decision: standing(model) },
        allowedActions: ['resume', 'rollback', 'abort', 'retry', 'skip', 'refresh', 'extend'],
      },
    });
    model.act({ kind: 'resume', mode: 'continue', acknowledge: standing(model) });
    expect(model.view.batches[0]?.counts).toMatchObject({ failures: 0, acknowledgedFailures: 4 });
    expect(limits(model)).toEqual([6]);
  });

  it('of the rollout leave its budget, also where they were rolled back', () => {
    const model = start({ sizes: [4, 4], budget: 1 });
    work(model, [0, 1]);
    expect(model.view.reason?.message).toBe('rollout: 2 failed of 8, 1 tolerated');
    model.act({ kind: 'rollback', scope: 'failed' });
    work(model);
    expect(statesOf(model, 0, 2)).toEqual(['rolled_back']);
    expect(statesOf(model, 2, 4)).toEqual(['succeeded']);
    model.act({ kind: 'resume', mode: 'continue', acknowledge: standing(model) });
    work(model, [4]);
    expect(model.view.state).toBe('completed_with_errors');
  });

  it('are refused where nothing tripped', () => {
    const model = start({ sizes: [4] });
    model.act({ kind: 'pause' });
    expect(refusal(() => model.act({ kind: 'resume', acknowledge: 1 })).code).toBe('conflict');
    model.act({ kind: 'resume' });
    work(model);
    expect(model.view.state).toBe('succeeded');
  });
});

describe('retry', () => {
  it('while running goes before anything new', () => {
    const model = start({ sizes: [2, 4], maxFailures: 1, concurrency: 1, delay: '1h' });
    work(model, [0]);
    expect(batchStates(model)).toEqual(['passed', 'waiting']);
    model.act({ kind: 'retry', hosts: ['h0'] }, [0]);
    expect(batchStates(model)).toEqual(['running', 'waiting']);
    model.conduct();
    expect(model.hosts.filter((row) => row.state === 'queued').map((row) => row.number)).toEqual([
      0,
    ]);
    work(model);
    expect(statesOf(model, 0, 2)).toEqual(['succeeded']);
  });

  it('of some after a trip is judged when they have ended, the others still counted', () => {
    const model = start({ sizes: [6, 2], maxFailures: 1 });
    work(model, [0, 1, 2, 3]);
    expect(model.view.state).toBe('paused');
    model.act({ kind: 'retry', hosts: ['h0'] }, [0]);
    expect(model.view.state).toBe('running');
    work(model);
    expect(model.view).toMatchObject({
      state: 'paused',
      reason: { message: 'batch 1: 3 failed of 6, 1 tolerated' },
    });
    expect(statesOf(model, 6, 8)).toEqual(['pending']);
    model.act({ kind: 'retry', states: ['failed'] });
    work(model);
    expect(model.view.state).toBe('succeeded');
  });

  it('of some after a trip starts nothing else while the others exceed the budget', () => {
    const model = start({ sizes: [6], maxFailures: 1, concurrency: 2 });
    work(model, [0, 1, 2]);
    expect(statesOf(model, 3, 6)).toEqual(['pending']);
    expect(statesOf(model, 0, 3)).toEqual(['failed']);
    model.act({ kind: 'retry', hosts: ['h0'] }, [0]);
    model.conduct();
    expect(model.hosts.filter((row) => row.task).map((row) => row.number)).toEqual([0]);
  });

  it('refuses hosts that need none', () => {
    const model = start({ sizes: [2] });
    work(model);
    expect(refusal(() => model.act({ kind: 'retry', hosts: ['h0'] }, [0])).code).toBe('conflict');
  });
});

describe('pause', () => {
  it('sends queued hosts back at once and lets those at work drain', () => {
    const model = start({ sizes: [6], concurrency: 4 });
    const [first] = model.hosts;
    if (first) model.claim(first);
    model.act({ kind: 'pause' });
    expect(statesOf(model, 1, 6)).toEqual(['pending']);
    end(model, 0, 'succeeded');
    model.conduct();
    expect(model.view.atWork).toBe(0);
  });

  it('with cancel stops hosts; a resume brings them back, an abort does not', () => {
    const model = start({ sizes: [3] });
    claimAll(model);
    model.act({ kind: 'pause', inflight: 'cancel' });
    expect(model.hosts.every((row) => model.isStopping(row))).toBe(true);
    end(model, 0, 'cancelled', false);
    end(model, 1, 'cancelled', false);
    end(model, 2, 'succeeded');
    expect(statesOf(model, 0, 2)).toEqual(['cancelled']);
    model.act({ kind: 'resume' });
    expect(statesOf(model, 0, 2)).toEqual(['pending']);
    model.act({ kind: 'abort', inflight: 'drain', rollback: 'none', stopRollback: false });
    model.conduct();
    expect(statesOf(model, 0, 2)).toEqual(['cancelled']);
    expect(model.view.state).toBe('aborted');
  });

  it('during a delay does not stop the delay', () => {
    const model = start({ sizes: [1, 1], delay: '30s' });
    work(model);
    model.act({ kind: 'pause' });
    model.pass(30_000);
    model.act({ kind: 'resume' });
    work(model);
    expect(model.view.state).toBe('succeeded');
  });
});

describe('rollback and abort', () => {
  it('of everything, after the end, leaves nothing', () => {
    const model = start({ sizes: [2, 2] });
    work(model);
    model.act({ kind: 'rollback', scope: 'all' });
    work(model);
    expect(model.view.state).toBe('rolled_back');
    expect(batchStates(model)).toEqual(['rolled_back', 'rolled_back']);
  });

  it('of a batch, after the end, leaves completed_with_errors', () => {
    const model = start({ sizes: [2, 2] });
    work(model);
    model.act({ kind: 'rollback', scope: 'batch', batch: 2 });
    work(model);
    expect(model.view.state).toBe('completed_with_errors');
    expect(batchStates(model)).toEqual(['passed', 'rolled_back']);
  });

  it('without a number needs a batch that tripped', () => {
    const model = start({ sizes: [2] });
    expect(refusal(() => model.act({ kind: 'rollback', scope: 'batch' })).code).toBe(
      'invalid_request',
    );
  });

  it('takes a host that is at work when it has ended', () => {
    const model = start({ sizes: [3], maxFailures: 0 });
    claimAll(model);
    end(model, 0, 'failed');
    model.act({ kind: 'rollback', scope: 'batch' });
    expect(model.hosts[1]?.state).toBe('running');
    end(model, 1, 'succeeded');
    end(model, 2, 'failed', false);
    expect(model.hosts.map((row) => row.state)).toEqual(['rolling_back', 'rolling_back', 'failed']);
    work(model);
    expect(model.hosts.map((row) => row.state)).toEqual(['rolled_back', 'rolled_back', 'failed']);
    expect(model.view.state).toBe('paused');
  });

  it('tries a host that is not reached every 60 s, until the time of the host is over', () => {
    const model = start({ sizes: [1] });
    work(model);
    model.act({ kind: 'rollback', scope: 'all' });
    for (let minute = 0; minute < 30; minute += 1) {
      model.conduct();
      end(model, 0, 'unreachable', false);
      expect(model.hosts[0]?.state).toBe('rolling_back');
      model.conduct();
      expect(model.hosts[0]?.task).toBeUndefined();
      model.pass(60_000);
    }
    model.conduct();
    end(model, 0, 'unreachable', false);
    model.conduct();
    expect(model.hosts[0]?.state).toBe('rollback_failed');
    expect(model.view).toMatchObject({
      state: 'completed_with_errors',
      reason: { code: 'rollback_failed' },
    });
  });

  it('abort waits for a rollback, or stops it', () => {
    const model = start({ sizes: [3], concurrency: 1 });
    work(model);
    model.act({ kind: 'rollback', scope: 'all' });
    model.conduct();
    end(model, 0, 'rolled_back');
    model.conduct();
    const abort = { kind: 'abort', inflight: 'drain', rollback: 'none' } as const;
    expect(refusal(() => model.act({ ...abort, stopRollback: false })).code).toBe('conflict');
    model.act({ ...abort, stopRollback: true });
    expect(model.hosts.map((row) => row.state)).toEqual([
      'rolled_back',
      'rolling_back',
      'succeeded',
    ]);
    end(model, 1, 'rolled_back');
    model.conduct();
    expect(model.view.state).toBe('aborted');
  });

  it('abort with rollback drains first, then rolls back', () => {
    const model = start({ sizes: [2, 2] });
    claimAll(model);
    end(model, 0, 'succeeded');
    model.act({ kind: 'abort', inflight: 'drain', rollback: 'all', stopRollback: false });
    model.conduct();
    expect(model.view.state).toBe('aborting');
    end(model, 1, 'succeeded');
    work(model);
    expect(model.view.state).toBe('aborted');
    expect(statesOf(model, 2, 4)).toEqual(['cancelled']);
  });
});
