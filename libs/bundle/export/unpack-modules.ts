import { createHash, type Hash } from 'node:crypto';
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createGunzip } from 'node:zlib';
import { GofleetError } from '#errors';
import type { OpenBundle } from '../open-bundle.ts';
import type { Pack } from '../schema.ts';
import { readArchive, type Sink } from '../tar/read-archive.ts';
import type { TarEntry } from '../tar/tar-entries.ts';
import { TarFault } from '../tar/tar-header.ts';

/** The folder that all of a pack's archive is below. */
const TOP = 'modules';

/** Unpacks what is below `modules/`; nothing is sure before it has ended, as the hash is of the whole. */
export async function unpackModules(
  bundle: OpenBundle,
  pack: Pack,
  folder: string,
): Promise<{ files: number; bytes: number }> {
  const hash = createHash('sha256');
  const writer = openWriter(pack, folder);
  const gunzip = createGunzip({ chunkSize: 256 * 1024 });
  const blob = bundle.read(pack.blob);
  blob.on('error', (error) => gunzip.destroy(error));
  try {
    await readArchive(chunksOf(hashed(blob, hash).pipe(gunzip)), writer.open);
  } catch (error) {
    throw error instanceof TarFault || isZlib(error) ? unsound(pack, error.message) : error;
  } finally {
    blob.destroy();
  }
  if (hash.digest('hex') !== pack.blob) throw unsound(pack, 'it has another SHA-256');
  return writer.written();
}

function hashed(blob: NodeJS.ReadableStream, hash: Hash): NodeJS.ReadableStream {
  return blob.on('data', (chunk: Buffer) => void hash.update(chunk));
}

async function* chunksOf(stream: AsyncIterable<unknown>): AsyncGenerator<Buffer> {
  for await (const chunk of stream) if (Buffer.isBuffer(chunk)) yield chunk;
}

/** Stops as soon as there is more than the manifest says, and at what no GOPROXY tree has. */
function openWriter(pack: Pack, folder: string) {
  let [entries, files, bytes] = [0, 0, 0];

  function open({ name, kind, size }: TarEntry): Sink {
    const below = name === TOP ? '' : name.slice(TOP.length + 1);
    if (name !== TOP && !name.startsWith(`${TOP}/`))
      throw new TarFault(`${JSON.stringify(name)} is not below ${TOP}/`);
    if (kind === 'link') throw new TarFault(`${JSON.stringify(name)} is a link`);
    if ((entries += 1) > pack.entries)
      throw new TarFault(`it has more than ${pack.entries} entries`);
    if ((bytes += size) > pack.unpackedBytes)
      throw new TarFault(`it has more than ${pack.unpackedBytes} bytes`);
    return kind === 'folder' ? folderAt(join(folder, below)) : fileAt(join(folder, below));
  }

  function fileAt(path: string): Sink {
    files += 1;
    mkdirSync(dirname(path), { recursive: true });
    const file = openSync(path, 'wx', 0o644);
    return {
      write: (chunk) => {
        for (let at = 0; at < chunk.length;) at += writeSync(file, chunk, at);
      },
      end: () => closeSync(file),
    };
  }

  return { open, written: () => ({ files, bytes }) };
}

function folderAt(path: string): Sink {
  mkdirSync(path, { recursive: true });
  return { write: () => {}, end: () => {} };
}

function isZlib(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('Z_');
}

function unsound({ name, blob }: Pack, why: string): GofleetError {
  return new GofleetError(
    'bundle_invalid',
    `the pack ${name} (blob ${blob.slice(0, 12)}) cannot be exported: ${why}`,
    { remedy: 'See what `gofleet bundle verify` says, and bring the bundle anew.' },
  );
}
