import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ReadDatabase } from '#gomod';
import type { DatabaseSettings } from './settings.ts';

/**
 * Records and tiles that go commands of this user have asked for. Each record there is signed with the head of its own
 * moment, which says nothing about the newest; so heads are never read from it.
 */
export function cacheOfGo({ key, moduleCache }: DatabaseSettings): ReadDatabase {
  if (!moduleCache) return async () => undefined;
  const folder = join(moduleCache, 'cache/download/sumdb', key.name);
  return async (path) =>
    /^(?:lookup|tile)\//.test(path)
      ? readFile(join(folder, path)).catch(() => undefined)
      : undefined;
}
