import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { Kysely, SqliteDialect } from 'kysely';
import { PlainLimits } from './plain-limits.ts';
import type { Tables } from './tables.ts';

const STATEMENTS = 500;

/** One connection to the ledger's file, and Kysely on top of it. */
export interface Connection {
  database: DatabaseSync;
  queries: Kysely<Tables>;
}

/** Opens with a write-ahead log, synced at every commit, and foreign keys. */
export function connect(path: string): Connection {
  const database = new DatabaseSync(path, { timeout: 5000, enableForeignKeyConstraints: true });
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -16000');
  const statements = new Map<string, Prepared>();
  return { database, queries: queriesOn(database, statements) };
}

/** Kysely on an open database; `alive` is asked before every statement and throws to refuse it. */
export function queriesOn(
  database: DatabaseSync,
  statements: Map<string, Prepared>,
  alive: () => void = () => undefined,
): Kysely<Tables> {
  const prepare = (sql: string): Prepared => {
    alive();
    return remembered(statements, sql, () => adapt(database.prepare(sql)));
  };
  const dialect = new SqliteDialect({ database: { prepare, close: () => database.close() } });
  dialect.createQueryCompiler = () => new PlainLimits();
  return new Kysely<Tables>({ dialect });
}

/** A statement in the form that Kysely wants. */
export type Prepared = ReturnType<typeof adapt>;

/** Without `reader` Kysely takes every statement for one without rows and silently answers []. */
function adapt(statement: StatementSync) {
  return {
    reader: statement.columns().length > 0,
    all: (values: readonly unknown[]) => statement.all(...bindable(values)),
    run: (values: readonly unknown[]) => statement.run(...bindable(values)),
    iterate: (values: readonly unknown[]) => statement.iterate(...bindable(values)),
  };
}

/** A Date would silently become NULL; undefined would be refused with no word on which. */
function bindable(values: readonly unknown[]): SQLInputValue[] {
  for (const value of values)
    if (value !== null && typeof value !== 'string' && typeof value !== 'number')
      throw new TypeError(`the ledger stores text and numbers alone, not ${typeof value}`);
  return values as SQLInputValue[];
}

/** The statements used last stay prepared. */
function remembered(statements: Map<string, Prepared>, sql: string, prepare: () => Prepared) {
  const found = statements.get(sql) ?? prepare();
  statements.delete(sql);
  statements.set(sql, found);
  const [oldest] = statements.keys();
  if (statements.size > STATEMENTS && oldest !== undefined) statements.delete(oldest);
  return found;
}
