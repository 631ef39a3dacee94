import { isGofleetError } from '#errors';
import {
  databaseFault,
  formatLookup,
  lookupPath,
  openHead,
  parseLookup,
  proveGrowth,
  proveRecords,
  type Lookup,
  type ModuleVersion,
  type ReadDatabase,
  type TreeHead,
} from '#gomod';
import pLimit from 'p-limit';
import { cachedReader } from './cached-reader.ts';
import { forked, knownHead, moveTo, newestOf, packHead, type PackHead } from './heads.ts';
import type { KeptDatabase } from './kept.ts';
import type { DatabaseSettings } from './settings.ts';

/** The checksum database of this environment, read with our own eyes: nothing of it is believed that is not proven. */
export interface Database {
  /** Its records of modules, in their order; undefined where it knows nothing. Throws `source_unavailable`. */
  records(modules: readonly ModuleVersion[]): Promise<(Lookup | undefined)[]>;
  /** Paths of all tiles that prove records and earlier heads to be in the head of packs. */
  tiles(records: readonly Lookup[]): Promise<string[]>;
  /** The head of packs; undefined before the first record was asked for, in a builder that has made no pack yet. */
  head(): PackHead | undefined;
  /** Takes over the head of a pack. */
  adopt(note: string): void;
}

export interface DatabaseSources {
  settings: DatabaseSettings;
  remote: ReadDatabase;
  /** What go has read of it for this user. */
  goCache: ReadDatabase;
  kept: KeptDatabase;
  /** The head to go on from, instead of the newest that went out from here. */
  start: PackHead | undefined;
}

/** Records proven at a time: bounds the memory that tiles take. */
const AT_ONCE = 256;
/** Small files written at a time. */
const WRITES = 16;

export async function openDatabase(sources: DatabaseSources): Promise<Database> {
  const { settings, kept, remote, start } = sources;
  const { key } = settings;
  const reader = cachedReader(kept, sources.goCache, remote);
  const known = new Map<string, Promise<Lookup | undefined>>();
  /** Paths of records that a signed head covers: heads that do not go on from one another end the build. */
  const proven = new Set<string>();
  const carried = (await kept.carried()).map((note) => openHead(note, key));
  let current = start ?? packHead(carried);
  let seen: TreeHead[] = start ? [start.head, ...start.earlier] : [];

  const lookup = async (path: string): Promise<Lookup | undefined> => {
    const before = await reader.fromDisk(path);
    if (before) return parseLookup(before.toString());
    const answer = await remote(path);
    if (!answer) return undefined;
    const { note, ...record } = parseLookup(answer.toString());
    seen.push(openHead(note, key));
    return record;
  };

  /** Sees to a head of packs that covers so many records, and that all heads that were shown are one history. */
  const cover = async (size: number): Promise<PackHead> => {
    const enough = current && current.head.size >= size;
    const latest = enough ? undefined : await remote('latest');
    if (latest) seen.push(openHead(latest.toString(), key));
    const before = await knownHead(kept, key);
    const newest = await newestOf(seen, before, reader.read);
    if (newest && newest.size > (before?.size ?? -1)) await kept.write('newest', newest.note);
    seen = [];
    if (current && enough) return current;
    if (!newest) throw databaseFault(`the checksum database ${key.name} shows no head`);
    return moveTo(newest, current ? [...current.earlier, current.head] : []);
  };

  const keepAll = async (files: Iterable<[string, Uint8Array | string]>): Promise<void> => {
    await pLimit(WRITES).map(files, async ([path, bytes]) => reader.keep(path, bytes));
  };

  const prove = async (records: readonly Lookup[]): Promise<string[]> => {
    if (records.length === 0) return [];
    current = await cover(Math.max(...records.map(({ id }) => id + 1)));
    const paths = new Set<string>();
    for (let at = 0; at < records.length; at += AT_ONCE) {
      const some = records.slice(at, at + AT_ONCE);
      const tiles = await proveRecords(current.head, some, reader.read);
      await keepAll(tiles);
      for (const path of tiles.keys()) paths.add(path);
    }
    return [...paths];
  };

  /** What was kept may be damaged, which is no lie of the database: only what it says itself counts. */
  const again = async <T>(run: () => Promise<T>): Promise<T> => {
    try {
      return await run();
    } catch (error) {
      if (!isGofleetError(error, 'checksum_database_invalid') || !reader.distrust()) throw error;
      known.clear();
      proven.clear();
      return run();
    }
  };

  const records = async (modules: readonly ModuleVersion[]): Promise<(Lookup | undefined)[]> => {
    const paths = modules.map(lookupPath);
    const asked = paths.map(async (path) => {
      const answer = known.get(path) ?? lookup(path);
      known.set(path, answer);
      return answer;
    });
    const found = await Promise.all(asked);
    const fresh = new Map(
      found.flatMap((record, index) => {
        const path = paths[index] ?? '';
        return record && !proven.has(path) ? [[path, record] as const] : [];
      }),
    );
    await prove([...fresh.values()]);
    await keepAll([...fresh].map(([path, record]) => [path, formatLookup(record, '')]));
    for (const path of fresh.keys()) proven.add(path);
    return found;
  };

  const grown = async ({ head, earlier }: PackHead): Promise<string[]> => {
    const paths: string[] = [];
    for (const older of earlier) {
      const tiles = await proveGrowth(older, head, reader.read);
      if (!tiles) throw forked(older, head);
      await keepAll(tiles);
      paths.push(...tiles.keys());
    }
    return paths;
  };

  return {
    records: async (modules) => again(async () => records(modules)),
    tiles: async (wanted) =>
      again(async () => {
        const paths = await prove(wanted);
        return [...new Set([...paths, ...(current ? await grown(current) : [])])].sort();
      }),
    head: () => current,
    adopt: (note) => {
      const before = current ? [...current.earlier, current.head] : [];
      current = moveTo(openHead(note, key), before);
    },
  };
}
