import { randomUUID } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { GofleetError } from '#errors';
import { MIGRATIONS } from './migrations.ts';

/** Brings the schema up to this release, each version in a transaction, and answers the id of the fleet. */
export function migrate(database: DatabaseSync, now: number): string {
  database.exec(`CREATE TABLE IF NOT EXISTS fleet (
    id TEXT NOT NULL, schema_version INTEGER NOT NULL, created_at INTEGER NOT NULL) STRICT`);
  const found = readFleet(database) ?? createFleet(database, now);
  if (found.version > MIGRATIONS.length) throw tooNew(found.version);
  for (let version = found.version; version < MIGRATIONS.length; version++)
    apply(database, MIGRATIONS[version] ?? [], version + 1);
  return found.id;
}

function readFleet(database: DatabaseSync): { id: string; version: number } | undefined {
  const row = database.prepare('SELECT id, schema_version FROM fleet').get();
  return row && { id: String(row['id']), version: Number(row['schema_version']) };
}

function createFleet(database: DatabaseSync, now: number): { id: string; version: number } {
  const id = randomUUID();
  database.prepare('INSERT INTO fleet VALUES (?, 0, ?)').run(id, now);
  return { id, version: 0 };
}

function apply(database: DatabaseSync, statements: string[], version: number): void {
  database.exec('BEGIN IMMEDIATE');
  try {
    for (const statement of statements) database.exec(statement);
    database.prepare('UPDATE fleet SET schema_version = ?').run(version);
    database.exec('COMMIT');
  } catch (error) {
    database.exec('ROLLBACK');
    throw error;
  }
}

function tooNew(version: number): GofleetError {
  return new GofleetError('conflict', `the ledger has schema ${version}, made by a newer release`, {
    remedy: `Start the newer release of gofleet; this one knows schema ${MIGRATIONS.length}.`,
  });
}
