import { Worker } from 'bullmq';
import { queueName } from './names.ts';
import { patient } from './redis.ts';
import type { Invitation, Taker, TakeOptions } from './types.ts';

/** An invitation whose worker is gone counts as missing after so long. */
const LOCK = 15_000;
const WATCH = 30_000;
/** How long jobs may wait beside free places before the connection counts as dead. */
const SILENT = 60_000;

/**
 * Takes the invitations of one site until it is disposed of. A place is free again when `take` ends; the queue
 * repeats nothing: what is not done then is invited again by the controller.
 */
export function takeInvitations(options: TakeOptions): Taker {
  let running = open(options);
  const watch = setInterval(() => void replaceSilent(), WATCH);
  watch.unref();

  async function replaceSilent(): Promise<void> {
    if (!(await running.isSilent())) return;
    const silent = running;
    running = open(options);
    await silent.close(true);
  }

  return {
    async pause() {
      clearInterval(watch);
      await running.worker.pause(true);
    },
    async [Symbol.asyncDispose]() {
      clearInterval(watch);
      await running.close(false);
    },
  };
}

interface Running {
  worker: Worker<Invitation>;
  isSilent(): Promise<boolean>;
  close(force: boolean): Promise<void>;
}

function open({ redisUrl, prefix, site, concurrency, take, onError }: TakeOptions): Running {
  const redis = patient(redisUrl);
  let atWork = 0;
  let lastTaken = performance.now();
  const worker = new Worker<Invitation>(
    queueName(site),
    async (job, _token, signal) => {
      atWork++;
      lastTaken = performance.now();
      try {
        await take(job.data, signal ?? new AbortController().signal);
      } finally {
        atWork--;
        lastTaken = performance.now();
      }
    },
    {
      connection: redis,
      prefix,
      concurrency,
      lockDuration: LOCK,
      maxStalledCount: 0,
      drainDelay: 2,
    },
  );
  const report = (error: Error) => onError?.(error);
  worker.on('error', report);
  redis.on('error', report);

  return {
    worker,
    async isSilent() {
      if (atWork >= concurrency || performance.now() - lastTaken < SILENT) return false;
      if (redis.status !== 'ready') return false;
      const waiting = await redis.llen(`${prefix}:${queueName(site)}:wait`).catch(() => 0);
      return waiting > 0;
    },
    async close(force) {
      await worker.close(force).catch(report);
      redis.disconnect();
    },
  };
}
