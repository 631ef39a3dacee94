import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { GofleetError } from '#errors';

/**
 * Keeps every other process out until it is closed. It is a lock of the operating system, held by an open
 * transaction on a file of its own, so it ends with the process however that ends. Throws `conflict`.
 */
export function lockLedger(folder: string): DatabaseSync {
  const lock = new DatabaseSync(join(folder, 'ledger.lock'), { timeout: 0 });
  try {
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (cause) {
    lock.close();
    throw new GofleetError('conflict', `the ledger in ${folder} is open in another process`, {
      remedy: 'Stop the other controller, or name another data folder.',
      cause,
    });
  }
}
