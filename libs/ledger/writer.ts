import { setImmediate as nextTick } from 'node:timers/promises';
import { GofleetError } from '#errors';
import type { Connection } from './connection.ts';
import type { Queries } from './types.ts';

/** Jobs of one transaction end here, so that neither the commit nor the event loop waits long. */
const LONGEST = 15;

/** What of a connection a transaction needs. */
export interface Transacting {
  database: { exec(sql: string): void; readonly isTransaction: boolean };
  queries: Queries;
}

/** A job of a transaction and who waits for it. */
export interface Job {
  run(queries: Queries): Promise<unknown>;
  done(value: unknown): void;
  failed(error: unknown): void;
  /** Milliseconds that it may wait for others; none: it waits for nobody. */
  patience?: number;
}

/** Runs jobs one after the other; those that wait at the same moment share a transaction and its one sync. */
export function createWriter(connection: Connection) {
  const waiting: Job[] = [];
  let turning: Promise<void> | undefined;
  let hurry = Promise.withResolvers<void>();
  let closed = false;

  async function turn(): Promise<void> {
    await nextTick();
    while (waiting.length > 0) {
      await gather();
      await commitSome(connection, waiting, LONGEST);
      await nextTick();
    }
    turning = undefined;
  }

  /** Waits for company where all that wait are patient. */
  async function gather(): Promise<void> {
    const patience = Math.min(...waiting.map((job) => job.patience ?? 0));
    if (patience === 0 || closed) return;
    hurry = Promise.withResolvers();
    const timer = setTimeout(hurry.resolve, patience);
    await hurry.promise;
    clearTimeout(timer);
  }

  function write<T>(run: (queries: Queries) => Promise<T>, patience = 0): Promise<T> {
    if (closed) return Promise.reject(isClosed());
    return new Promise<T>((done, failed) => {
      waiting.push({ run, done: (value) => done(value as T), failed, patience });
      if (patience === 0) hurry.resolve();
      turning ??= turn();
    });
  }

  return {
    write,
    /** Refuses what comes from now on; resolves when all that waits is done. */
    async close(): Promise<void> {
      closed = true;
      hurry.resolve();
      await turning;
    },
  };
}

function isClosed(): GofleetError {
  return new GofleetError('unavailable', 'the ledger is closed: the controller is stopping', {
    remedy: 'Ask again once it has started.',
  });
}

/** One transaction of the jobs that wait, of as many as begin within so many milliseconds. */
export async function commitSome(
  { database, queries }: Transacting,
  waiting: Job[],
  longest: number,
): Promise<void> {
  const until = performance.now() + longest;
  const settled: (() => void)[] = [];
  const taken: Job[] = [];
  database.exec('BEGIN IMMEDIATE');
  try {
    do {
      const job = waiting.shift();
      if (!job) break;
      taken.push(job);
      settled.push(await runOne({ database, queries }, job));
    } while (performance.now() < until);
    database.exec('COMMIT');
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    for (const job of taken) job.failed(error);
    return;
  }
  for (const settle of settled) settle();
}

/** Runs a job in its savepoint and answers how to tell its caller once all is on the disk. */
async function runOne({ database, queries }: Transacting, job: Job): Promise<() => void> {
  database.exec('SAVEPOINT job');
  try {
    const value = await job.run(queries);
    database.exec('RELEASE job');
    return () => job.done(value);
  } catch (error) {
    database.exec('ROLLBACK TO job; RELEASE job');
    return () => job.failed(error);
  }
}
