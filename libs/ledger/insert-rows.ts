import { CompiledQuery } from 'kysely';
import type { Insertable } from 'kysely';
import type { Tables } from './tables.ts';
import type { Queries } from './types.ts';

/** Rows a statement; more make it no faster. */
const AT_ONCE = 50;

/**
 * Adds many rows of one table, all with the keys of the first, and what is the same in each. Building such statements
 * value by value would take longer than running them, and these are the largest that there are.
 */
export async function insertRows<T extends keyof Tables>(
  queries: Queries,
  table: T,
  rows: readonly Partial<Insertable<Tables[T]>>[],
  same: Record<string, number | 'idle'> = {},
): Promise<void> {
  const [first] = rows;
  if (!first) return;
  const columns = Object.keys(first) as (keyof Insertable<Tables[T]> & string)[];
  const literals = Object.values(same).map((value) =>
    value === 'idle' ? "'idle'" : String(value),
  );
  const row = `(${[...columns.map(() => '?'), ...literals].join(', ')})`;
  const names = [...columns, ...Object.keys(same)].join(', ');
  for (let at = 0; at < rows.length; at += AT_ONCE) {
    const some = rows.slice(at, at + AT_ONCE);
    const text = `INSERT INTO ${table} (${names}) VALUES ${some.map(() => row).join(', ')}`;
    const values = some.flatMap((each) => columns.map((column) => each[column] ?? null));
    await queries.executeQuery(CompiledQuery.raw(text, values));
  }
}
