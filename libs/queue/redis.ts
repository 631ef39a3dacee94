import { Redis, type RedisOptions } from 'ioredis';

const LONGEST_PAUSE = 2000;

/** For producers: fails at once while Redis does not answer; connects again for ever. */
export function failFast(redisUrl: string): Redis {
  return connect(redisUrl, { enableOfflineQueue: false, maxRetriesPerRequest: 0 });
}

/** For takers: waits for Redis as long as it takes. */
export function patient(redisUrl: string): Redis {
  return connect(redisUrl, { maxRetriesPerRequest: null });
}

/** `redis://…`, `rediss://…`, `unix:///path`, or the path of a unix socket. */
function connect(redisUrl: string, options: RedisOptions): Redis {
  const retryStrategy = (times: number) => Math.min(times * 100, LONGEST_PAUSE);
  const all: RedisOptions = { ...options, retryStrategy };
  const path = redisUrl.startsWith('unix://') ? redisUrl.slice('unix://'.length) : redisUrl;
  return path.startsWith('/') ? new Redis(path, all) : new Redis(redisUrl, all);
}
