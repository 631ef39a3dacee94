import type { Connection } from './connection.ts';
import type { Queries } from './types.ts';

/** Runs reads one after the other, each in one snapshot. */
export function createReader({ database, queries }: Connection) {
  let last: Promise<unknown> = Promise.resolve();

  async function snapshot<T>(job: (queries: Queries) => Promise<T>): Promise<T> {
    database.exec('BEGIN');
    try {
      return await job(queries);
    } finally {
      database.exec('COMMIT');
    }
  }

  function read<T>(job: (queries: Queries) => Promise<T>): Promise<T> {
    const mine = last.then(() => snapshot(job));
    last = mine.catch(() => undefined);
    return mine;
  }

  return { read, idle: async () => last };
}
