import { GofleetError } from '#errors';
import type { Page } from '#api';

/** Where the next page begins: the key of the last entry of this one, opaque outside. */
export function writeCursor(key: (string | number)[]): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url');
}

/** Throws `invalid_request` for what is no cursor of this list. */
export function readCursor<T extends (string | number)[]>(
  cursor: string | undefined,
  shape: { [K in keyof T]: T[K] extends string ? 'string' : 'number' },
): T | undefined {
  if (cursor === undefined) return undefined;
  try {
    const key: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (Array.isArray(key) && key.length === shape.length)
      if (shape.every((kind, at) => typeof key[at] === kind)) return key as T;
  } catch {
    // Falls through to the error below.
  }
  throw new GofleetError('invalid_request', 'the cursor is not one of this list', {
    remedy: 'Leave `cursor` out, or send `nextCursor` of the page before as it was.',
    errors: [{ path: 'cursor', message: 'is not a cursor of this list' }],
  });
}

/** Entries of a page: no statement returns over 1,000 rows, the one that tells of more included. */
export function mostOf(limit: number): number {
  return Math.min(limit, 999);
}

/** Cuts the one row too many that tells whether there is another page. */
export function toPage<R, T>(
  rows: R[],
  limit: number,
  keyOf: (row: R) => (string | number)[],
  convert: (row: R) => T,
): Page<T> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const more = rows.length > limit && last !== undefined;
  return { items: shown.map(convert), nextCursor: more ? writeCursor(keyOf(last)) : null };
}
