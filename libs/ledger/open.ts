import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { connect } from './connection.ts';
import { lockLedger } from './lock.ts';
import { migrate } from './migrate.ts';
import { createReader } from './reader.ts';
import { swapRestored } from './restore.ts';
import type { Ledger, LedgerOptions } from './types.ts';
import { createWriter } from './writer.ts';

/** Opens the ledger, made anew where there is none. Throws `conflict` where another process has it open. */
export async function openLedger({ folder }: LedgerOptions): Promise<Ledger> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const lock = lockLedger(folder);
  try {
    await swapRestored(folder);
    const writing = connect(join(folder, 'ledger.sqlite'));
    const fleet = migrate(writing.database, Date.now());
    const reading = connect(join(folder, 'ledger.sqlite'));
    const writer = createWriter(writing);
    const reader = createReader(reading);
    return {
      fleet,
      folder,
      read: reader.read,
      write: writer.write,
      async [Symbol.asyncDispose]() {
        await Promise.all([writer.close(), reader.idle()]);
        reading.database.close();
        writing.database.close();
        lock.close();
      },
    };
  } catch (error) {
    lock.close();
    throw error;
  }
}
