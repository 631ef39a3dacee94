import { stat } from 'node:fs/promises';
import type { ArchiveEntry } from '#bundle';
import type { ProxyFile } from '#gomod';
import { readFileChunks } from '../toolchains/goroot.ts';

/** A file of a GOPROXY tree as an entry of a pack. */
export async function treeEntry(file: ProxyFile): Promise<ArchiveEntry> {
  const path = `modules/${file.path}`;
  if ('from' in file) {
    const { size } = await stat(file.from);
    return {
      path,
      kind: 'file',
      executable: false,
      size,
      read: () => readFileChunks(file.from, size),
    };
  }
  const bytes = Buffer.from(file.text);
  return { path, kind: 'file', executable: false, size: bytes.length, read: () => once(bytes) };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  if (bytes.byteLength > 0) yield bytes;
}
