import type { DecisionRecord, Page, Rollout } from '#api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startLab, type Lab } from '../lab/index.ts';
import { atWork, install, plan, startStack, syntheticBundle, type Stack } from '../stack/index.ts';

const FLEET = 60;

let lab: Lab;
let stack: Stack;

beforeAll(async () => {
  lab = await startLab({
    hosts: Array.from({ length: FLEET }, (_, index) => ({
      name: `n${String(index + 1).padStart(2, '0')}`,
      diskMb: 96,
      vars: { ring: index < 20 ? 'front' : 'rest' },
    })),
  });
  stack = await startStack({ lab });
  await stack.import(await syntheticBundle({ versions: ['1.21.5', '1.21.6'] }));
});

afterAll(async () => {
  await stack[Symbol.asyncDispose]();
  await lab.stop();
});

describe('pause', () => {
  it('touches no host that was queued or pending at the moment of the 202, until resume', async () => {
    await slow(20_000);
    const { id } = await stack.api.start(plan({ name: 'pause', strategy: { concurrency: 50 } }));
    await stack.api.until(id, ({ counts }) => counts.queued + counts.running >= 50);
    const answer = await stack.api.post<Rollout>(`/v1/rollouts/${id}/pause`, { note: 'wait' });
    const at = Date.now();
    expect(answer).toMatchObject({
      status: 202,
      body: { state: 'paused', reason: { code: 'operator' } },
    });
    expect(answer.body.counts.queued).toBe(0);
    const waiting = (await stack.api.hosts(id)).filter(({ state }) => state === 'pending');
    expect(waiting.length).toBeGreaterThan(0);
    await slow(undefined);
    await stack.api.until(id, ({ counts }) => counts.running === 0);
    await expectNoConnectionSince(
      waiting.map(({ name }) => name),
      at,
    );
    const resumed = await stack.api.post<Rollout>(`/v1/rollouts/${id}/resume`, {});
    expect(resumed).toMatchObject({ status: 202, body: { state: 'running' } });
    await stack.api.untilState(id, 'succeeded');
  });

  it('with cancel stops hosts at work at a safe point, and resume takes them up again', async () => {
    await slow(40_000);
    const { id } = await stack.api.start(
      plan({ name: 'cancel', playbook: install('1.21.6'), strategy: { concurrency: 10 } }),
    );
    await stack.api.until(id, ({ counts }) => counts.running >= 5);
    await stack.api.post(`/v1/rollouts/${id}/pause`, { inflight: 'cancel' });
    const paused = await stack.api.until(id, ({ counts }) => counts.running === 0, 30);
    expect(paused.counts.cancelled).toBeGreaterThan(0);
    await slow(undefined);
    await stack.api.post(`/v1/rollouts/${id}/resume`);
    await stack.api.untilState(id, 'succeeded');
  });
});

describe('concurrency', () => {
  it('is never exceeded, as sampled on the hosts', async () => {
    await slow(100_000);
    const { id } = await stack.api.start(
      plan({ name: 'concurrency', playbook: install('1.21.5'), strategy: { concurrency: 7 } }),
    );
    let most = 0;
    await stack.api.until(id, ({ state }) => {
      void atWork(lab.hosts).then((now) => (most = Math.max(most, now)));
      return state !== 'running';
    });
    await slow(undefined);
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThanOrEqual(7);
    await expectState(id, 'succeeded');
  });
});

describe('acknowledged failures', () => {
  it('trip again exactly where tripsAt says', async () => {
    const broken = ['n03', 'n06', 'n09', 'n12', 'n15', 'n18'];
    for (const name of broken) await host(name).stop();
    const { id } = await stack.api.start(
      plan({
        name: 'acknowledge',
        targets: 'all[0:29]',
        playbook: install('1.21.6'),
        strategy: { batches: [{ size: 30, maxFailures: 1 }], concurrency: 1 },
        retries: { attempts: 1 },
      }),
    );
    const first = await stack.api.untilState(id, 'paused');
    expect(first.reason).toMatchObject({ code: 'failure_budget' });
    expect(first.batches[0]).toMatchObject({ state: 'tripped', tripsAt: 2 });
    expect(first.counts.unreachable).toBe(2);

    const refused = await stack.api.post(`/v1/rollouts/${id}/resume`, { mode: 'continue' });
    expect(refused.status).toBe(400);
    const resumed = await stack.api.post<Rollout>(`/v1/rollouts/${id}/resume`, {
      mode: 'continue',
      acknowledge: first.reason?.decision,
      note: 'two machines are in repair',
    });
    expect(resumed).toMatchObject({ status: 202, body: { counts: { acknowledged: 2 } } });
    expect(resumed.body.batches[0]?.tripsAt).toBe(4);

    const second = await stack.api.untilState(id, 'paused');
    expect(second.counts.unreachable).toBe(4);
    const decisions = await stack.api.get<Page<DecisionRecord>>(`/v1/rollouts/${id}/decisions`);
    expect(decisions.body.items.filter(({ kind }) => kind === 'trip')).toHaveLength(2);

    for (const name of broken) await host(name).start();
    const retry = await stack.api.post(`/v1/rollouts/${id}/resume`, { mode: 'retry' });
    expect(retry.status).toBe(202);
    const end = await stack.api.untilState(id, 'succeeded');
    expect(end.counts).toMatchObject({ succeeded: 30, acknowledged: 0 });
  });
});

describe('verbs', () => {
  it('two equal ones at once: one is taken, the other is 409 with what is allowed', async () => {
    await slow(20_000);
    const { id } = await stack.api.start(plan({ name: 'twice', playbook: install('1.21.5') }));
    const answers = await Promise.all([
      stack.api.post<{ allowedActions?: string[] }>(`/v1/rollouts/${id}/pause`),
      stack.api.post<{ allowedActions?: string[] }>(`/v1/rollouts/${id}/pause`),
    ]);
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([202, 409]);
    expect(answers.find(({ status }) => status === 409)?.body.allowedActions).toEqual([
      'resume',
      'rollback',
      'abort',
      'retry',
      'skip',
      'refresh',
      'extend',
    ]);
    const abort = await stack.api.post(`/v1/rollouts/${id}/abort`, { inflight: 'cancel' });
    expect(abort.status).toBe(202);
    await slow(undefined);
    const end = await stack.api.untilState(id, 'aborted');
    expect(end.counts.pending + end.counts.queued + end.counts.running).toBe(0);
    expect(end.counts.cancelled).toBeGreaterThan(0);
  });

  it('a host belongs to one rollout: a second plan that wants it is 409 and names both', async () => {
    await slow(20_000);
    const first = await stack.api.start(plan({ name: 'owner', playbook: install('1.21.6') }));
    const second = await stack.api.post<Record<string, unknown>>(
      '/v1/rollouts',
      plan({ name: 'second', targets: 'n01' }),
    );
    expect(second).toMatchObject({ status: 409, body: { code: 'lock_conflict' } });
    expect(JSON.stringify(second.body)).toContain(first.id);
    expect(JSON.stringify(second.body)).toContain('n01');
    await stack.api.post(`/v1/rollouts/${first.id}/abort`, { inflight: 'cancel', rollback: 'all' });
    await slow(undefined);
    await stack.api.untilState(first.id, ['aborted', 'rolled_back']);
    const third = await stack.api.start(plan({ name: 'third', targets: 'n01' }));
    await stack.api.untilState(third.id, 'succeeded');
  });
});

function host(name: string) {
  const found = lab.hosts.find((each) => each.name === name);
  if (!found) throw new Error(name);
  return found;
}

/** Links of that many bytes a second, or perfect ones. */
async function slow(bytesPerSecond: number | undefined): Promise<void> {
  await Promise.all(lab.hosts.map((each) => each.link(bytesPerSecond ? { bytesPerSecond } : {})));
}

async function expectNoConnectionSince(names: string[], at: number): Promise<void> {
  const since = await Promise.all(
    names.map(async (name) => (await host(name).counters()).openedAt.filter((time) => time > at)),
  );
  expect(since.flat()).toEqual([]);
}

async function expectState(id: string, state: string): Promise<void> {
  expect((await stack.api.rollout(id)).state).toBe(state);
}
