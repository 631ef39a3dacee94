import { CompiledQuery, type Selectable, type Updateable } from 'kysely';
import type { Tables } from './tables.ts';
import type { Queries } from './types.ts';

/** Columns that together name one row. */
type Key<T extends keyof Tables> = Partial<Selectable<Tables[T]>>;

/**
 * The row with this key, whole; undefined where there is none. Built from text, as it runs for each host several
 * times: see `prepared`.
 */
export async function findRow<T extends keyof Tables>(
  queries: Queries,
  table: T,
  key: Key<T>,
): Promise<Selectable<Tables[T]> | undefined> {
  const text = `SELECT * FROM ${table} WHERE ${places(key, ' AND ')}`;
  const query = CompiledQuery.raw(text, Object.values(key));
  const { rows } = await queries.executeQuery<Selectable<Tables[T]>>(query);
  return rows[0];
}

/** Sets some columns of the row with this key; one that is `undefined` stays as it is. */
export async function updateRow<T extends keyof Tables>(
  queries: Queries,
  table: T,
  key: Key<T>,
  values: Updateable<Tables[T]>,
): Promise<void> {
  const set = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
  const text = `UPDATE ${table} SET ${places(set, ', ')} WHERE ${places(key, ' AND ')}`;
  await queries.executeQuery(
    CompiledQuery.raw(text, [...Object.values(set), ...Object.values(key)]),
  );
}

function places(columns: object, between: string): string {
  return Object.keys(columns)
    .map((column) => `${column} = ?`)
    .join(between);
}
