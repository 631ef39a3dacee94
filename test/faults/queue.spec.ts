import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { openQueues, takeInvitations, type Invitation } from '#queue';
import { expect, it, vi } from 'vitest';
import { startRedis } from './redis-server.ts';

const PREFIX = 'test';
const invitation = (host: number, delivery = 1): Invitation => ({ rollout: 'r', host, delivery });
const many = (count: number) => Array.from({ length: count }, (_, host) => invitation(host));

it('hands every invitation to a worker of its site, and leaves nothing behind', async () => {
  await using redis = await startRedis();
  await using queues = openQueues({ redisUrl: redis.socket, prefix: PREFIX });
  const taken: Invitation[] = [];
  await using taker = takeInvitations({
    redisUrl: redis.socket,
    prefix: PREFIX,
    site: 'dc1: east',
    concurrency: 10,
    take: async (each) => void taken.push(each),
  });
  await vi.waitFor(() => queues.ping(), { timeout: 5000 });
  await queues.invite('elsewhere', [invitation(99)]);
  await queues.invite('dc1: east', many(1200));
  await vi.waitFor(() => expect(taken).toHaveLength(1200), { timeout: 30_000 });
  expect(taken.map(({ host }) => host).toSorted((a, b) => a - b)).toEqual([...Array(1200).keys()]);
  expect(await queues.missing('dc1: east', many(1200))).toHaveLength(1200);
  expect(await queues.missing('elsewhere', [invitation(99)])).toEqual([]);
  await taker.pause();
});

it('is invited once however often it is invited, and again under a new delivery', async () => {
  await using redis = await startRedis();
  await using queues = openQueues({ redisUrl: redis.socket, prefix: PREFIX });
  await vi.waitFor(() => queues.ping(), { timeout: 5000 });
  await queues.invite('s', [invitation(1)]);
  await queues.invite('s', [invitation(1), invitation(1, 2)]);
  const taken: Invitation[] = [];
  await using _ = takeInvitations({
    redisUrl: redis.socket,
    prefix: PREFIX,
    site: 's',
    concurrency: 1,
    take: async (each) => void taken.push(each),
  });
  await vi.waitFor(() => expect(taken).toHaveLength(2), { timeout: 10_000 });
  await sleep(300);
  expect(taken).toEqual([invitation(1), invitation(1, 2)]);
});

it('repeats nothing by itself when a taker throws', async () => {
  await using redis = await startRedis();
  await using queues = openQueues({ redisUrl: redis.socket, prefix: PREFIX });
  await vi.waitFor(() => queues.ping(), { timeout: 5000 });
  let takes = 0;
  await using _ = takeInvitations({
    redisUrl: redis.socket,
    prefix: PREFIX,
    site: 's',
    concurrency: 1,
    take: async () => {
      takes++;
      throw new Error('no');
    },
  });
  await queues.invite('s', [invitation(1)]);
  await vi.waitFor(() => expect(takes).toBe(1), { timeout: 10_000 });
  await sleep(500);
  expect(takes).toBe(1);
  expect(await queues.missing('s', [invitation(1)])).toEqual([invitation(1)]);
});

it('fails at once while Redis is away or stands still, and works when it is back', async () => {
  await using redis = await startRedis();
  await using queues = openQueues({ redisUrl: `unix://${redis.socket}`, prefix: PREFIX });
  const taken: Invitation[] = [];
  await using _ = takeInvitations({
    redisUrl: redis.socket,
    prefix: PREFIX,
    site: 's',
    concurrency: 5,
    take: async (each) => void taken.push(each),
  });
  await vi.waitFor(() => queues.ping(), { timeout: 5000 });
  await queues.invite('s', [invitation(1)]);
  await vi.waitFor(() => expect(taken).toHaveLength(1), { timeout: 10_000 });

  await redis.kill();
  const away = performance.now();
  await expect(queues.invite('s', [invitation(2)])).rejects.toMatchObject({ code: 'unavailable' });
  expect(performance.now() - away).toBeLessThan(1000);
  await redis.start();
  await vi.waitFor(() => queues.invite('s', [invitation(2)]), { timeout: 10_000 });
  await vi.waitFor(() => expect(taken).toHaveLength(2), { timeout: 15_000 });

  redis.stall();
  await expect(queues.invite('s', [invitation(3)])).rejects.toMatchObject({ code: 'unavailable' });
  redis.resume();
  await vi.waitFor(() => queues.invite('s', [invitation(3)]), { timeout: 10_000 });
  await vi.waitFor(() => expect(taken.map(({ host }) => host)).toContain(3), { timeout: 15_000 });
  expect(taken.filter(({ host }) => host === 3)).toHaveLength(1);
});

it('knows what a flush took away, and takers go on after it', async () => {
  await using redis = await startRedis();
  await using queues = openQueues({ redisUrl: redis.socket, prefix: PREFIX });
  await vi.waitFor(() => queues.ping(), { timeout: 5000 });
  const taken: Invitation[] = [];
  await queues.invite('s', many(5));
  expect(await queues.missing('s', many(5))).toEqual([]);
  await redis.flush();
  expect(await queues.missing('s', many(5))).toEqual(many(5));
  await using _ = takeInvitations({
    redisUrl: redis.socket,
    prefix: PREFIX,
    site: 's',
    concurrency: 5,
    take: async (each) => void taken.push(each),
  });
  await sleep(500);
  await redis.flush();
  await queues.invite('s', many(5));
  await vi.waitFor(() => expect(taken).toHaveLength(5), { timeout: 15_000 });
});

it('counts an invitation as missing soon after the worker that took it was killed', async () => {
  await using redis = await startRedis();
  await using queues = openQueues({ redisUrl: redis.socket, prefix: PREFIX });
  await vi.waitFor(() => queues.ping(), { timeout: 5000 });
  const script = `
    import { takeInvitations } from '#queue';
    takeInvitations({ redisUrl: '${redis.socket}', prefix: '${PREFIX}', site: 's', concurrency: 1,
      take: async () => { console.log('taken'); await new Promise((done) => setTimeout(done, 600_000)); } });`;
  const options = ['--conditions=source', '--input-type=module', '-e', script];
  const worker = spawn(process.execPath, options, { stdio: ['ignore', 'pipe', 'inherit'] });
  await queues.invite('s', [invitation(1)]);
  await once(worker.stdout, 'data');
  expect(await queues.missing('s', [invitation(1)])).toEqual([]);
  worker.kill('SIGKILL');
  const gone = async () =>
    expect(await queues.missing('s', [invitation(1)])).toEqual([invitation(1)]);
  await vi.waitFor(gone, { timeout: 40_000, interval: 500 });
});
