import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import { GofleetError } from '#errors';
import type { LedgerFile } from './file-tasks.ts';
import { inThread } from './in-thread.ts';

/** All of them in one step: a copy in several begins anew with every transaction in between. */
const PAGES = 2 ** 30;

/** Which ledger is copied, to where, and what is written into the copy. */
export interface BackupOrder {
  /** The folder of the ledger, which may be open and at work. */
  folder: string;
  to: string;
  release: string;
  /** Milliseconds since 1970. */
  at: number;
}

/** Copies a ledger as it is at one moment, and checks the copy. Both happen off the event loop. */
export async function backUpLedger({ folder, to, release, at }: BackupOrder): Promise<LedgerFile> {
  await rm(to, { force: true });
  const source = new DatabaseSync(join(folder, 'ledger.sqlite'), { readOnly: true });
  try {
    await backup(source, to, { rate: PAGES });
  } finally {
    source.close();
  }
  const answer = await inThread({ kind: 'seal', path: to, release, at });
  if ('file' in answer) return answer.file;
  await rm(to, { force: true });
  throw new GofleetError('internal', `the copy of the ledger is not sound: ${answer.problem}`, {
    remedy: 'Look at the disk of the controller; do not rely on backups made since.',
  });
}
