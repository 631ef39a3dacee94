import { existsSync } from 'node:fs';
import { link, readFile, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { GofleetError } from '#errors';
import type { LedgerFile } from './file-tasks.ts';
import { inThread } from './in-thread.ts';
import { migrate } from './migrate.ts';
import { MIGRATIONS } from './migrations.ts';
import { RestoreOrder, restoreFiles, syncFolder } from './stage.ts';

/**
 * Puts a staged ledger in the place of the present one, which is kept under a dated name. Called with the lock of the
 * ledger held; killed at any moment it leaves the old ledger or the new one, and is taken up by the next start.
 */
export async function swapRestored(folder: string): Promise<void> {
  const { ready, order } = restoreFiles(folder);
  const current = join(folder, 'ledger.sqlite');
  if (!existsSync(ready)) return rm(order, { force: true });
  const wanted = await readOrder(order);
  const file = await checkRestore(ready, { current, otherFleet: wanted.otherFleet });
  const kept = existsSync(current) ? keptName(wanted.at) : undefined;
  prepare(ready, { file, kept, wanted });
  if (kept !== undefined) await keep(folder, current, join(folder, kept));
  await rename(ready, current);
  await rm(order, { force: true });
  await syncFolder(folder);
}

interface Wanted {
  /** The ledger that it is to replace; a file that may not be there, or a fleet. */
  current: string | { fleet: string };
  otherFleet: boolean;
}

/** What a file says that is to become the ledger. Throws `invalid_file` where it cannot, and for another fleet's. */
export async function checkRestore(path: string, wanted: Wanted): Promise<LedgerFile> {
  const answer = await inThread({ kind: 'inspect', path });
  const name = basename(path);
  if ('problem' in answer) throw refused(`${name} cannot become the ledger: ${answer.problem}`);
  const { file } = answer;
  if (file.schema > MIGRATIONS.length)
    throw refused(`${name} has schema ${file.schema}, made by a newer release than this one`);
  const fleet =
    typeof wanted.current === 'string' ? await fleetOf(wanted.current) : wanted.current.fleet;
  if (fleet !== undefined && fleet !== file.fleet && !wanted.otherFleet)
    throw otherFleet(name, file.fleet, fleet);
  return file;
}

/** A present ledger that cannot be read says nothing: that may be why another one is restored. */
async function fleetOf(current: string): Promise<string | undefined> {
  if (!existsSync(current)) return undefined;
  try {
    const database = new DatabaseSync(current);
    try {
      const row = database.prepare('SELECT id FROM fleet').get();
      return row && String(row['id']);
    } finally {
      database.close();
    }
  } catch {
    return undefined;
  }
}

/** Brings it to the present schema and writes into it that it was restored: what is swapped in is complete. */
function prepare(
  path: string,
  { file, kept, wanted }: { file: LedgerFile; kept: string | undefined; wanted: RestoreOrder },
): void {
  const database = new DatabaseSync(path);
  try {
    database.exec('PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL');
    migrate(database, wanted.at);
    database.exec('BEGIN IMMEDIATE');
    // Killed after this and before the swap, it comes here again, and then the file no longer says when it was made.
    database
      .prepare(
        `INSERT INTO restores (at, who, kept, backed_up_at)
         VALUES (?, ?, ?, coalesce(?, (SELECT max(backed_up_at) FROM restores WHERE noted_at IS NULL)))`,
      )
      .run(wanted.at, wanted.who, kept ?? null, file.at);
    database.exec(`DELETE FROM restores WHERE noted_at IS NULL AND id < last_insert_rowid()`);
    database.exec('DROP TABLE IF EXISTS backup');
    database.exec('COMMIT');
  } finally {
    database.close();
  }
}

/**
 * The present ledger gets a second name before its own is taken over. Its log has to be gone by then: beside the new
 * ledger it would be taken for that one's.
 */
async function keep(folder: string, current: string, kept: string): Promise<void> {
  const database = new DatabaseSync(current);
  try {
    database.exec('PRAGMA journal_mode = DELETE');
  } catch {
    // Damaged: it is kept as it is, with its log.
  } finally {
    database.close();
  }
  for (const ending of ['-wal', '-shm'])
    if (existsSync(current + ending)) await rename(current + ending, kept + ending);
  await rm(kept, { force: true });
  await link(current, kept);
  await syncFolder(folder);
}

function keptName(at: number): string {
  return `replaced-${new Date(at).toISOString().replaceAll(/[-:]|\.\d+/g, '')}.sqlite`;
}

async function readOrder(path: string): Promise<RestoreOrder> {
  const text = await readFile(path, 'utf8').catch(() => '');
  if (text === '') return { who: 'unknown', at: Date.now(), otherFleet: false };
  return RestoreOrder.parse(JSON.parse(text));
}

function refused(message: string): GofleetError {
  return new GofleetError('invalid_file', message, {
    remedy:
      'Restore a file that "gofleet backup" made, with this release or an older one; or delete restore.sqlite in the folder of the ledger to go on with the present one.',
  });
}

function otherFleet(name: string, theirs: string, ours: string): GofleetError {
  const message = `${name} is the ledger of fleet ${theirs}, and this is fleet ${ours}`;
  return new GofleetError('conflict', message, {
    remedy: 'Restore a backup of this fleet, or say that you mean it with --other-fleet.',
    details: { fleet: theirs, present: ours },
  });
}
