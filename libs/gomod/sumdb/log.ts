import { GofleetError } from '#errors';
import type { ModuleVersion } from '../go-mod.ts';
import { signHead, type TreeHead } from './head.ts';
import type { SignerKey } from './keys.ts';
import { recordedSums, type Lookup, type RecordedSums } from './record.ts';
import { FULL, tilePath, tilesOf } from './tiles.ts';
import { foldHashes, recordHash, rootHash, subtreesOf } from './tree.ts';

/** A whole log at hand: the records of a database of our own, in the order in which they came. */
export interface ChecksumLog {
  records: readonly string[];
  /** The newest record of a module. */
  find(module: ModuleVersion): (Lookup & RecordedSums) | undefined;
  /** Its head after so many records. */
  head(key: SignerKey, size?: number): TreeHead;
  /** Every tile, by path: any older head can be proven, and shown to be a part of it. */
  tiles(): Map<string, Buffer>;
}

/**
 * Reads the text of a log: records as in go.sum, a blank line between them; what was written once stays, new ones come
 * after. Throws `invalid_file` with the line.
 */
export function parseLog(text: string, name: string): ChecksumLog {
  const lines = text.split('\n').length;
  if (text !== '' && !text.endsWith('\n')) throw badLog(name, lines, 'the line is cut off');
  const records: string[] = [];
  const known = new Map<string, string>();
  let line = 1;
  for (const block of text === '' ? [] : text.slice(0, -1).split('\n\n')) {
    if (!RECORD.test(`${block}\n`)) throw badLog(name, line, 'must be lines `module version hash`');
    for (const [file, hash] of block.split('\n').map(hashOf)) {
      if ((known.get(file) ?? hash) !== hash) throw badLog(name, line, `${file} is there twice`);
      known.set(file, hash);
    }
    records.push(`${block}\n`);
    line += block.split('\n').length + 1;
  }
  return logOf(records);
}

/** The text of a log, as `parseLog` reads it. */
export function formatLog(records: readonly string[]): string {
  return records.join('\n');
}

const RECORD = /^(?:\S+ v\S+ h1:[A-Za-z0-9+/]{43}=\n){1,2}$/;

function hashOf(line: string): [string, string] {
  const at = line.lastIndexOf(' ');
  return [line.slice(0, at), line.slice(at + 1)];
}

/** A log of records, each in the form of `formatRecord`. */
export function logOf(records: readonly string[]): ChecksumLog {
  const numbers = new Map(records.map((text, id) => [nameOf(text), id]));
  const levels = [records.map(recordHash)];
  for (let below = levels[0] ?? []; below.length >= FULL; below = levels.at(-1) ?? [])
    levels.push(spans(below));
  return {
    records,
    find: (module) => {
      const id = numbers.get(`${module.path} ${module.version}`);
      const text = id === undefined ? undefined : records[id];
      if (id === undefined || text === undefined) return undefined;
      return { id, text, ...recordedSums(text, module) };
    },
    head: (key, size = records.length) => signHead(size, rootAt(levels, size), key),
    tiles: () =>
      new Map(
        tilesOf(records.length).map((tile) => {
          const hashes = levels[tile.level]?.slice(tile.n * FULL, tile.n * FULL + tile.width) ?? [];
          return [tilePath(tile), Buffer.concat(hashes)];
        }),
      ),
  };
}

/** `path version` of the module that a record is about. */
function nameOf(text: string): string {
  const [path = '', version = ''] = text.split(' ');
  return `${path} ${version.replace(/\/go\.mod$/, '')}`;
}

/** The hashes of the tiles that are full. */
function spans(hashes: readonly Buffer[]): Buffer[] {
  return Array.from({ length: Math.floor(hashes.length / FULL) }, (_, n) =>
    foldHashes(Buffer.concat(hashes.slice(n * FULL, (n + 1) * FULL))),
  );
}

function rootAt(levels: readonly (readonly Buffer[])[], size: number): Buffer {
  return rootHash(
    subtreesOf(size).map(({ level, n }) => {
      const count = 2 ** (level % 8);
      const hashes = levels[Math.floor(level / 8)] ?? [];
      return foldHashes(Buffer.concat(hashes.slice(n * count, (n + 1) * count)));
    }),
  );
}

function badLog(name: string, line: number, message: string): GofleetError {
  return new GofleetError('invalid_file', `${name} line ${line}: ${message}`, {
    remedy: 'Take the log back from version control: what is in it must never be edited.',
    errors: [{ path: '', line, message }],
  });
}
