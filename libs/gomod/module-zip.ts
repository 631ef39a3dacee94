import { createHash, hash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { hash1, type HashedFile } from './dirhash.ts';
import { filePathFault, foldCase } from './file-path.ts';
import type { ModuleVersion } from './go-mod.ts';
import { placeOf, readZip, unsound, type ZipEntry } from './zip.ts';

/** A module zip that go would unpack. */
export interface ModuleZip {
  /** As in its line of go.sum. */
  h1: string;
  /** Its own go.mod; undefined where it has none. */
  goMod: Buffer | undefined;
}

/** Gets the bytes of some files of a zip while it is read. */
export interface FileTaker {
  /** `name` is below the module, `size` in bytes. */
  wants(name: string, size: number): boolean;
  take(bytes: Buffer): void;
}

/** golang.org/x/mod/zip: a zip and what it unpacks to, go.mod and LICENSE. */
const MOST_ZIP = 500 << 20;
const MOST_TEXT = 16 << 20;
/** Ours: names are kept in memory. */
const MOST_FILES = 200_000;

/**
 * Reads a module zip as strictly as go does before it unpacks one: what is in it, under which names, how large. Every
 * byte is hashed anew, whatever a cache noted about it. Throws `bundle_invalid`.
 */
export async function readModuleZip(
  module: ModuleVersion,
  from: string | Buffer,
  taker?: FileTaker,
): Promise<ModuleZip> {
  const path = placeOf(from);
  const size = typeof from === 'string' ? (await stat(from)).size : from.length;
  if (size > MOST_ZIP) throw unsound(path, 'it has more than 500 MiB');
  const check = openCheck(module, (why) => unsound(path, why));
  const files: HashedFile[] = [];
  let goMod: Buffer | undefined;
  for await (const entry of readZip(from)) {
    const name = check(entry);
    const isGoMod = name === 'go.mod';
    const wanted = taker?.wants(name, entry.size) ?? false;
    const { sha256, bytes } = await hashEntry(entry, isGoMod || wanted);
    files.push({ name: entry.name, sha256 });
    if (isGoMod) goMod = bytes;
    if (wanted && bytes) taker?.take(bytes);
  }
  return { h1: hash1(files), goMod };
}

/** Answers the name below the prefix. */
function openCheck(
  { path, version }: ModuleVersion,
  unsoundFor: (why: string) => Error,
): (entry: ZipEntry) => string {
  const prefix = `${path}@${version}/`;
  const seen = new Map<string, { path: string; folder: boolean }>();
  let total = 0;
  let count = 0;
  return ({ name, size }) => {
    const shown = JSON.stringify(name);
    if (!name.startsWith(prefix)) throw unsoundFor(`${shown} is not below ${prefix}`);
    const below = name.slice(prefix.length);
    const fault = filePathFault(below) ?? goModFault(below) ?? sizeFault(below, size);
    if (fault !== undefined) throw unsoundFor(`${shown} ${fault}`);
    const other = collision(seen, below);
    if (other !== undefined) throw unsoundFor(`${shown} and ${JSON.stringify(other)} are one name`);
    total += size;
    if (total > MOST_ZIP) throw unsoundFor('it unpacks to more than 500 MiB');
    if ((count += 1) > MOST_FILES) throw unsoundFor(`it has more than ${MOST_FILES} files`);
    return below;
  };
}

function goModFault(name: string): string | undefined {
  const base = name.slice(name.lastIndexOf('/') + 1);
  if (base.toLowerCase() !== 'go.mod' || name === 'go.mod') return undefined;
  return base === name ? 'is not in lower case' : 'makes another module of its folder';
}

function sizeFault(name: string, size: number): string | undefined {
  const limited = name === 'go.mod' || name === 'LICENSE';
  return limited && size > MOST_TEXT ? 'has more than 16 MiB' : undefined;
}

/** The name that is in the way: the same, another one but for case, or a file where a folder should be. */
function collision(
  seen: Map<string, { path: string; folder: boolean }>,
  name: string,
): string | undefined {
  for (let path = name, folder = false; path !== ''; folder = true) {
    const folded = foldCase(path);
    const other = seen.get(folded);
    if (other && (other.path !== path || !other.folder || !folder)) return other.path;
    if (other) return undefined;
    seen.set(folded, { path, folder });
    path = path.slice(0, Math.max(0, path.lastIndexOf('/')));
  }
  return undefined;
}

async function hashEntry(
  entry: ZipEntry,
  keep: boolean,
): Promise<{ sha256: string; bytes: Buffer | undefined }> {
  const whole = entry.whole();
  if (whole) return { sha256: hash('sha256', whole), bytes: keep ? whole : undefined };
  const hashing = createHash('sha256');
  const kept: Buffer[] = [];
  for await (const chunk of entry.chunks()) {
    hashing.update(chunk);
    if (keep) kept.push(chunk);
  }
  return { sha256: hashing.digest('hex'), bytes: keep ? Buffer.concat(kept) : undefined };
}
