import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { dirname, join } from 'node:path';
import { createGunzip } from 'node:zlib';
import type { FilePlace } from '../open-bundle.ts';
import type { Pack } from '../schema.ts';
import { readArchive, type Sink } from '../tar/read-archive.ts';
import { isInside, type TarEntry } from '../tar/tar-entries.ts';
import { TarFault } from '../tar/tar-header.ts';
import { treeDigest, type TreeLine } from '../archive/tree.ts';
import { checkGoproxy } from './check-goproxy.ts';
import type { Contents } from './contents.ts';
import { checkVersion } from './check-version.ts';

/** An archive of a bundle, and what the manifest says of what is in it. */
export interface ArchiveTask extends FilePlace {
  /** The folder that everything in it is below. */
  top: string;
  unpackedBytes: number;
  entries: number;
  tree: string;
  inside:
    | { kind: 'toolchain'; versionText: string }
    | { kind: 'pack'; pack: Pick<Pack, 'modules' | 'sumdb'> }
    | { kind: 'project' };
}

/** More faults than that help nobody. */
const MOST_FAULTS = 20;

/** Unpacks an archive to nowhere and compares it with what the manifest says; answers what differs, in words. */
export async function checkArchive(
  task: ArchiveTask,
  read: (bytes: number) => void,
): Promise<string[]> {
  const faults: string[] = [];
  const contents = contentsOf(task, (fault) => void faults.push(fault));
  try {
    await using closing = contents;
    const tree = openTree(task, closing);
    await readArchive(unpacked(task, read), tree.open);
    faults.push(...tree.end());
    await closing.end();
  } catch (error) {
    faults.push(`cannot be unpacked: ${error instanceof Error ? error.message : String(error)}`);
  }
  const more = faults.length - MOST_FAULTS;
  return more > 0 ? [...faults.slice(0, MOST_FAULTS), `and ${more} more`] : faults;
}

function contentsOf({ inside }: ArchiveTask, fault: (message: string) => void): Contents {
  switch (inside.kind) {
    case 'toolchain':
      return checkVersion(inside.versionText, fault);
    case 'pack':
      return checkGoproxy(inside.pack, fault);
    case 'project':
      return { open: () => undefined, end: () => undefined, [Symbol.asyncDispose]: async () => {} };
    default:
      return inside satisfies never;
  }
}

const CHUNK = 256 * 1024;

async function* unpacked(
  { path, offset, size }: FilePlace,
  read: (bytes: number) => void,
): AsyncGenerator<Buffer> {
  const file = createReadStream(path, {
    start: offset,
    end: offset + size - 1,
    highWaterMark: CHUNK,
  });
  const gunzip = createGunzip({ chunkSize: CHUNK });
  file.on('data', (chunk) => read(chunk.length));
  file.on('error', (error) => gunzip.destroy(error));
  try {
    for await (const chunk of file.pipe(gunzip)) if (Buffer.isBuffer(chunk)) yield chunk;
  } finally {
    file.destroy();
  }
}

/** Follows the tree as it is unpacked, and stops as soon as there is more than the manifest says. */
function openTree(task: ArchiveTask, contents: Contents) {
  const lines: TreeLine[] = [];
  const folders = new Set<string>();
  const names = new Set<string>();
  let bytes = 0;

  function open(entry: TarEntry): Sink {
    refuse(entry);
    const { name, kind, size } = entry;
    names.add(name);
    bytes += size;
    if (names.size > task.entries) throw new TarFault(`has more than ${task.entries} entries`);
    if (bytes > task.unpackedBytes) throw new TarFault(`has more than ${task.unpackedBytes} bytes`);
    if (kind === 'folder') folders.add(name);
    const hash = createHash('sha256');
    if (kind === 'link') hash.update(entry.target);
    const more = kind === 'file' ? contents.open(name, size) : undefined;
    return {
      write: (chunk) => {
        hash.update(chunk);
        more?.write(chunk);
      },
      end: async () => {
        const sha256 = hash.digest('hex');
        const mode = kind === 'link' ? 'link' : entry.mode === 0o755 ? '0755' : '0644';
        if (kind !== 'folder') lines.push({ path: name, mode, sha256 });
        await more?.end(sha256);
      },
    };
  }

  function refuse({ name, kind, mode, target }: TarEntry): void {
    const shown = JSON.stringify(name);
    if (names.has(name)) throw new TarFault(`${shown} is there twice`);
    const above = dirname(name);
    if (name !== task.top && above !== '.' && !folders.has(above))
      throw new TarFault(`${shown} is in no folder that came before it`);
    if (name !== task.top && !name.startsWith(`${task.top}/`))
      throw new TarFault(`${shown} is not below ${task.top}/`);
    if (kind === 'link' && !leadsInside(task.top, name, target))
      throw new TarFault(`${shown} is a link to ${JSON.stringify(target)}, outside of it`);
    if (kind !== 'link' && mode !== 0o755 && (kind === 'folder' || mode !== 0o644))
      throw new TarFault(`${shown} has the mode ${mode.toString(8)}`);
  }

  function end(): string[] {
    return [
      ...differs('entries', names.size, task.entries),
      ...differs('bytes in files', bytes, task.unpackedBytes),
      ...(treeDigest(lines) === task.tree ? [] : ['its tree is not that of the manifest']),
    ];
  }

  return { open, end };
}

function leadsInside(top: string, name: string, target: string): boolean {
  if (target.startsWith('/')) return false;
  const to = join(dirname(name), target).replace(/\/$/, '');
  return to === top || (to.startsWith(`${top}/`) && isInside(to));
}

function differs(what: string, found: number, wanted: number): string[] {
  return found === wanted ? [] : [`has ${found} ${what} and should have ${wanted}`];
}
