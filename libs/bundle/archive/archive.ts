import { createHash, type Hash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { Transform } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { GofleetError } from '#errors';
import { pack, type Header, type Pack } from 'tar-stream';
import type { CutSize } from './archive-cut.ts';
import { gzipMembers } from './archive-members.ts';
import { compareBytes, treeDigest, type ArchiveEntry, type TreeLine } from './tree.ts';

/** What an archive is and what it becomes: the fields of the manifest. */
export interface Archive {
  blob: string;
  size: number;
  unpackedBytes: number;
  entries: number;
  tree: string;
}

/**
 * How hard gzip tries. Go 1.21.5 for linux/amd64 on one core: level 1 is 72 MB in 4 s, level 6 64.8 MB in 7 s, level 9
 * 64.5 MB in 24 s, and all unpack equally fast. So 6 for toolchains and sources, which go to thousands of hosts;
 * 1 for packs, whose zips do not get smaller.
 */
export type Effort = 1 | 6;

/**
 * How long the pieces are that two archives can have in common. Shorter ones are more often the same and pack less well:
 * of Go 1.21.6, 58 % are new beside 1.21.5 with pieces of 64 KB, 55 % with 32 KB (and the blob is 3.7 % larger than one
 * in one piece), 52 % with 16 KB (6.7 %). Modules of a pack come and go as a whole.
 */
const CUT: Record<Effort, CutSize> = {
  1: { least: 64 * 1024, bits: 18, most: 1024 * 1024 },
  6: { least: 8 * 1024, bits: 15, most: 128 * 1024 },
};

/** 2000-01-01: a time that no tool warns about. */
const TIME = new Date(946_684_800_000);

/**
 * Writes a tar.gz that depends on nothing but its entries: sorted names, one time, no owners, modes 0755 and 0644,
 * every folder named. It is cut into gzip members by its content (`archive-members.ts`). Ends with the file synced.
 */
export async function writeArchive(
  entries: readonly ArchiveEntry[],
  out: string,
  effort: Effort,
): Promise<Archive> {
  const sorted = [...entries].sort((a, b) => compareBytes(a.path, b.path));
  const folders = foldersOf(sorted);
  const tar = pack();
  const hash = createHash('sha256');
  const counter = countInto(hash);
  const members = gzipMembers(bytesOf(tar), CUT[effort], effort);
  const lines = await bothEnded(
    tar,
    fill(tar, sorted, folders),
    pipeline(members, counter.stream, createWriteStream(out)),
  );
  await sync(out);
  return {
    blob: hash.digest('hex'),
    size: counter.bytes(),
    unpackedBytes: sorted.reduce((sum, each) => sum + (each.kind === 'file' ? each.size : 0), 0),
    entries: sorted.length + folders.length,
    tree: treeDigest(lines),
  };
}

/** Where one side fails the other one is ended before that is told: nobody touches the file any more. */
async function bothEnded<T>(tar: Pack, filled: Promise<T>, written: Promise<void>): Promise<T> {
  let cause: unknown;
  const fail = (error: unknown): void => {
    cause ??= error;
    tar.destroy(error instanceof Error ? error : new Error(String(error)));
  };
  await Promise.allSettled([filled.catch(fail), written.catch(fail)]);
  if (cause !== undefined) throw cause;
  return filled;
}

/** Every folder above an entry, sorted so that each comes before what is in it. */
function foldersOf(entries: readonly ArchiveEntry[]): string[] {
  const folders = new Set<string>();
  for (const { path } of entries) {
    assertPath(path);
    for (let at = path.indexOf('/'); at > 0; at = path.indexOf('/', at + 1))
      folders.add(path.slice(0, at));
  }
  return [...folders].sort(compareBytes);
}

async function fill(
  tar: Pack,
  entries: readonly ArchiveEntry[],
  folders: readonly string[],
): Promise<TreeLine[]> {
  try {
    for (const folder of folders) tar.entry({ ...header(folder), type: 'directory', mode: 0o755 });
    const lines: TreeLine[] = [];
    for await (const [entry, body] of readAhead(entries))
      lines.push(await addEntry(tar, entry, body));
    tar.finalize();
    return lines;
  } catch (error) {
    tar.destroy(error instanceof Error ? error : new Error(String(error)));
    throw error;
  }
}

const SMALL = 1 << 20;
const AHEAD = 16;

type Body = Buffer | undefined;

/** Small files are read some way ahead, into memory: waiting for each of ten thousand takes longer than packing them. */
async function* readAhead(
  entries: readonly ArchiveEntry[],
): AsyncGenerator<[entry: ArchiveEntry, body: Body]> {
  const reading: Promise<Body>[] = [];
  for (const [index, entry] of entries.entries()) {
    for (const next of entries.slice(index + reading.length, index + AHEAD)) {
      const body = readSmall(next);
      body.catch(() => {}); // it is thrown where its turn comes
      reading.push(body);
    }
    yield [entry, await reading.shift()];
  }
}

async function readSmall(entry: ArchiveEntry): Promise<Body> {
  return entry.kind === 'file' && entry.size <= SMALL ? buffer(entry.read()) : undefined;
}

async function addEntry(tar: Pack, entry: ArchiveEntry, body: Body): Promise<TreeLine> {
  const hash = createHash('sha256');
  if (entry.kind === 'link') {
    const { path, target } = entry;
    tar.entry({ ...header(path), type: 'symlink', linkname: target, mode: 0o777 });
    return { path, mode: 'link', sha256: hash.update(target).digest('hex') };
  }
  const { path, executable, size } = entry;
  const mode = executable ? 0o755 : 0o644;
  const into = tar.entry({ ...header(path), type: 'file', mode, size });
  await pipeline(hashed(body ? [body] : entry.read(), hash), into);
  return { path, mode: executable ? '0755' : '0644', sha256: hash.digest('hex') };
}

function header(name: string): Partial<Header> & { name: string } {
  return { name, uid: 0, gid: 0, uname: '', gname: '', mtime: TIME };
}

async function* hashed(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  hash: Hash,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    hash.update(chunk);
    yield chunk;
  }
}

/** tar-stream does not say of its streams what they give. */
async function* bytesOf(stream: AsyncIterable<unknown>): AsyncGenerator<Uint8Array> {
  for await (const chunk of stream) {
    if (!(chunk instanceof Uint8Array)) throw new TypeError('a tar is made of bytes');
    yield chunk;
  }
}

function countInto(hash: Hash): { stream: Transform; bytes(): number } {
  let bytes = 0;
  const stream = new Transform({
    transform(chunk: Uint8Array, _, done) {
      bytes += chunk.byteLength;
      hash.update(chunk);
      done(null, chunk);
    },
  });
  return { stream, bytes: () => bytes };
}

async function sync(path: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.datasync();
  } finally {
    await file.close();
  }
}

function assertPath(path: string): void {
  const parts = path.split('/');
  if (!path.includes('\n') && parts.every((part) => part !== '' && part !== '.' && part !== '..'))
    return;
  throw new GofleetError('invalid_file', `${JSON.stringify(path)} cannot be put into an archive`, {
    remedy: 'Rename the file.',
  });
}
