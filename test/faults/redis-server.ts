import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';

/** A real redis-server on a unix socket, stored nowhere, that a test may stop, stall and empty. */
export interface RedisServer extends AsyncDisposable {
  readonly socket: string;
  kill(): Promise<void>;
  start(): Promise<void>;
  /** Stands still, with its connections open. */
  stall(): void;
  resume(): void;
  flush(): Promise<void>;
  /** The number of keys. */
  keys(): Promise<number>;
}

export async function startRedis(): Promise<RedisServer> {
  const folder = await mkdtemp(join(tmpdir(), 'redis-'));
  const socket = join(folder, 's');
  let child: ChildProcess;

  async function asked<T>(ask: (redis: Redis) => Promise<T>): Promise<T> {
    const redis = new Redis(socket, { retryStrategy: () => 50 });
    redis.on('error', () => undefined);
    try {
      return await ask(redis);
    } finally {
      redis.disconnect();
    }
  }

  async function start(): Promise<void> {
    const options = `--port 0 --unixsocket ${socket} --save  --appendonly no --dir ${folder}`;
    child = spawn('redis-server', options.split(' '), { stdio: 'ignore' });
    await asked((redis) => redis.ping());
  }

  async function kill(): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGCONT');
    child.kill('SIGKILL');
    await once(child, 'exit');
  }

  await start();
  return {
    socket,
    kill,
    start,
    stall: () => child.kill('SIGSTOP'),
    resume: () => child.kill('SIGCONT'),
    flush: () => asked(async (redis) => void (await redis.flushall())),
    keys: () => asked((redis) => redis.dbsize()),
    async [Symbol.asyncDispose]() {
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
