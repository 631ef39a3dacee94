import { closeSync, openSync, readSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

/** Run in a thread: nothing here may import by the name of a library. */
export type FileTask =
  { kind: 'inspect'; path: string } | { kind: 'seal'; path: string; release: string; at: number };

/** What a file that holds a ledger says of itself; null where it was not made by `gofleet backup`. */
export interface LedgerFile {
  fleet: string;
  schema: number;
  release: string | null;
  at: number | null;
}

export type FileAnswer = { file: LedgerFile } | { problem: string };

/** Makes a copy that stands alone: no write-ahead log beside it, and what it is written into it. */
export function sealFile(task: Extract<FileTask, { kind: 'seal' }>): FileAnswer {
  const database = new DatabaseSync(task.path);
  try {
    database.exec('PRAGMA journal_mode = DELETE');
    database.exec('DROP TABLE IF EXISTS backup');
    database.exec('CREATE TABLE backup (release TEXT NOT NULL, at INTEGER NOT NULL) STRICT');
    database.prepare('INSERT INTO backup VALUES (?, ?)').run(task.release, task.at);
  } finally {
    database.close();
  }
  return inspectFile(task.path);
}

/** Reads all of a file and says whether a ledger is in it, whole. */
export function inspectFile(path: string): FileAnswer {
  if (!hasMagic(path)) return { problem: 'it is no SQLite database' };
  const database = new DatabaseSync(path);
  try {
    return inspect(database);
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  } finally {
    database.close();
  }
}

function inspect(database: DatabaseSync): FileAnswer {
  const checked = database.prepare('PRAGMA integrity_check(1)').get();
  const said = String(Object.values(checked ?? {})[0]);
  if (said !== 'ok') return { problem: `it is damaged: ${said}` };
  if (!hasTable(database, 'fleet') || !hasTable(database, 'rollout_hosts'))
    return { problem: 'it is a database, but no ledger of gofleet' };
  const fleet = database.prepare('SELECT id, schema_version FROM fleet').get();
  if (!fleet) return { problem: 'it is the ledger of no fleet' };
  const made = hasTable(database, 'backup')
    ? database.prepare('SELECT release, at FROM backup').get()
    : undefined;
  return {
    file: {
      fleet: String(fleet['id']),
      schema: Number(fleet['schema_version']),
      release: made ? String(made['release']) : null,
      at: made ? Number(made['at']) : null,
    },
  };
}

function hasTable(database: DatabaseSync, name: string): boolean {
  const found = database.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?");
  return found.get(name) !== undefined;
}

const MAGIC = 'SQLite format 3\0';

/** SQLite itself takes an empty file for an empty database. */
function hasMagic(path: string): boolean {
  const file = openSync(path, 'r');
  try {
    const head = Buffer.alloc(MAGIC.length);
    readSync(file, head, 0, MAGIC.length, 0);
    return head.toString('latin1') === MAGIC;
  } finally {
    closeSync(file);
  }
}
