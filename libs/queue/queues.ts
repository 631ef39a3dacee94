import { GofleetError } from '#errors';
import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { jobId, queueName } from './names.ts';
import { failFast } from './redis.ts';
import type { Invitation, QueueOptions, Queues } from './types.ts';

/** More in one call block Redis for too long. */
const CHUNK = 500;
const ANSWER = 5000;
const ONCE = { attempts: 1, removeOnComplete: true, removeOnFail: true };

/** Opens the controller's side. Does not wait for Redis: what is asked while it is away fails at once. */
export function openQueues({ redisUrl, prefix }: QueueOptions): Queues {
  const redis = failFast(redisUrl);
  redis.on('error', () => undefined);
  const queues = new Map<string, Queue<Invitation>>();

  function queueOf(site: string): Queue<Invitation> {
    const found = queues.get(site) ?? openQueue(redis, prefix, site);
    queues.set(site, found);
    return found;
  }

  return {
    async invite(site, invitations) {
      for (const some of chunks(invitations))
        await answered(redis, () =>
          queueOf(site).addBulk(
            some.map((data) => ({ name: 'host', data, opts: { ...ONCE, jobId: jobId(data) } })),
          ),
        );
    },
    async missing(site, invitations) {
      const gone: Invitation[] = [];
      for (const some of chunks(invitations)) {
        const key = (invitation: Invitation) => queueOf(site).toKey(jobId(invitation));
        const found = await answered(redis, () => alive(redis, some.map(key)));
        gone.push(...some.filter((_, at) => !found[at]));
      }
      return gone;
    },
    async ping() {
      await answered(redis, () => redis.ping());
    },
    async [Symbol.asyncDispose]() {
      await Promise.allSettled([...queues.values()].map((queue) => queue.close()));
      redis.disconnect();
    },
  };
}

function openQueue(redis: Redis, prefix: string, site: string): Queue<Invitation> {
  const queue = new Queue<Invitation>(queueName(site), {
    connection: redis,
    prefix,
    skipWaitingForReady: true,
  });
  queue.on('error', () => undefined);
  return queue;
}

/** A job is alive while it waits, or while the worker that took it holds its lock. */
async function alive(redis: Redis, keys: string[]): Promise<boolean[]> {
  const asked = redis.pipeline();
  for (const key of keys) asked.hmget(key, 'timestamp', 'processedOn').exists(`${key}:lock`);
  const answers = (await asked.exec()) ?? [];
  return keys.map((_, at) => {
    const [failure, fields] = answers[at * 2] ?? [];
    if (failure) throw failure;
    const [added, taken] = fields as [string | null, string | null];
    return added !== null && (taken === null || answers[at * 2 + 1]?.[1] === 1);
  });
}

/** What Redis does not answer in time, because it is away or stands still, is `unavailable`. */
async function answered<T>(redis: Redis, ask: () => Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error('no answer in time')), ANSWER);
  try {
    if (redis.status !== 'ready' && redis.status !== 'connect') throw new Error('not connected');
    return await Promise.race([ask(), late.promise]);
  } catch (cause) {
    throw new GofleetError('unavailable', `Redis does not answer: ${String(cause)}`, {
      remedy: 'Start Redis; what was to be dispatched is dispatched then.',
      cause,
    });
  } finally {
    clearTimeout(timer);
  }
}

function* chunks<T>(all: T[]): Generator<T[]> {
  for (let at = 0; at < all.length; at += CHUNK) yield all.slice(at, at + CHUNK);
}
