import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { GofleetError } from '#errors';
import { parseSignerKey } from '#gomod';
import type { OwnDatabase } from './own-log.ts';

/** A database of our own, as a bundle file names it: folders in it are meant from that of the bundle file. */
export interface OwnDatabaseSpec {
  name: string;
  key: string;
  log: string;
}

/** Reads its key. Throws `invalid_file`. */
export async function readOwnDatabase(spec: OwnDatabaseSpec, base: string): Promise<OwnDatabase> {
  const place = resolve(base, spec.key);
  const text = await readFile(place, 'utf8').catch((error: unknown) => {
    throw badKey(place, 'it cannot be read', error);
  });
  const key = parseSignerKey(text);
  const { name } = key.verifier;
  if (name !== spec.name) throw badKey(place, `it is the key of ${name} and not of ${spec.name}`);
  return { key, log: resolve(base, spec.log) };
}

function badKey(place: string, why: string, cause?: unknown): GofleetError {
  return new GofleetError('invalid_file', `sumdb.key: ${place}: ${why}`, {
    remedy:
      'Make one with `gofleet bundle sumdb-key NAME`, once for each database; keep it where only builds can read it.',
    errors: [{ path: 'sumdb.key', message: why }],
    cause,
  });
}
