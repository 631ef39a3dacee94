import { createReadStream } from 'node:fs';
import { open, readdir, readFile, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ArchiveEntry } from '#bundle';
import { GofleetError } from '#errors';
import pLimit, { type LimitFunction } from 'p-limit';

/**
 * What is left out of a GOROOT: the set that Go's own toolchain modules leave out (src/cmd/distpack/pack.go), and what
 * building Go from source leaves behind. So every source gives the same tree.
 */
const LEFT_OUT = new Set(['api', 'doc', 'misc', 'test', '.git', 'pkg/obj', 'pkg/bootstrap']);

/** Whether a path below GOROOT is, or is in, what no toolchain of a bundle has. */
export function isLeftOut(path: string): boolean {
  const parts = path.split('/');
  return LEFT_OUT.has(parts[0] ?? '') || LEFT_OUT.has(parts.slice(0, 2).join('/'));
}

const SMALL = 1 << 20;
/** Far below the files that a process may have open. */
const FILES_AT_ONCE = 64;

/**
 * The files of a GOROOT on disk, under `go/`. Links are followed: distributions spread a GOROOT over several folders.
 * Executable is what Go says (bin, pkg/tool) and what begins with `#!`, as module zips carry no modes. A toolchain that
 * go has unpacked into its module cache has each `_go.mod` a second time, as `go.mod`.
 */
export async function gorootEntries(folder: string): Promise<ArchiveEntry[]> {
  return walk(folder, '', [await realpath(folder)], pLimit(FILES_AT_ONCE));
}

/** The text of VERSION, whose first line must name the version that is wanted. */
export async function versionText(folder: string, version: string): Promise<string> {
  const text = await readFile(join(folder, 'VERSION'), 'utf8').catch(() => '');
  if (text.split('\n', 1)[0]?.split(' ')[0] === `go${version}`) return text;
  const found = text.split('\n', 1)[0] || 'none';
  throw new GofleetError('source_unavailable', `VERSION says ${found} and not go${version}`, {
    remedy: 'Ask for the version that is there, or name another source.',
    retryable: false,
  });
}

async function walk(
  root: string,
  below: string,
  above: readonly string[],
  limit: LimitFunction,
): Promise<ArchiveEntry[]> {
  const names = await readdir(join(root, below));
  const found = names.map(async (name): Promise<ArchiveEntry[]> => {
    const path = below === '' ? name : `${below}/${name}`;
    if (LEFT_OUT.has(path) || (name === '_go.mod' && names.includes('go.mod'))) return [];
    const from = join(root, path);
    const is = await stat(from);
    if (is.isFile()) return [await limit(() => fileEntry(from, path, is.size))];
    if (!is.isDirectory()) return [];
    const real = await realpath(from);
    return above.includes(real) ? [] : walk(root, path, [...above, real], limit);
  });
  return (await Promise.all(found)).flat();
}

async function fileEntry(from: string, path: string, size: number): Promise<ArchiveEntry> {
  const executable =
    /^(?:bin|pkg\/tool)\//.test(path) || (!path.endsWith('.go') && (await isScript(from)));
  const name = path.replace(/(^|\/)_go\.mod$/, '$1go.mod');
  return {
    path: `go/${name}`,
    kind: 'file',
    executable,
    size,
    read: () => readFileChunks(from, size),
  };
}

async function isScript(path: string): Promise<boolean> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && buffer.toString('latin1') === '#!';
  } finally {
    await file.close();
  }
}

/** Small files in one piece: a stream for each of ten thousand takes longer than reading them. */
export async function* readFileChunks(path: string, size: number): AsyncGenerator<Uint8Array> {
  if (size > SMALL)
    yield* createReadStream(path, { highWaterMark: SMALL }) as AsyncIterable<Buffer>;
  else if (size > 0) yield await readFile(path);
}
