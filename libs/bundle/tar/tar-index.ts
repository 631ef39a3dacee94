import { open, type FileHandle } from 'node:fs/promises';
import { GofleetError } from '#errors';
import { nextEntry, paddingOf, type TarSource } from './tar-entries.ts';
import { TarFault } from './tar-header.ts';

/** Where a file lies in an uncompressed tar. */
export interface Span {
  offset: number;
  size: number;
}

const MOST_FILES = 100_000;

/**
 * Finds the files of a `.gofleet` without reading their bytes, also of one that was packed by hand with tar. Links,
 * device files, names that lead out and names that are there twice are refused. Throws `bundle_invalid`.
 */
export async function indexTar(path: string): Promise<Map<string, Span>> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    return await spansOf(sourceOf(file, size));
  } catch (error) {
    throw error instanceof TarFault ? broken(path, error.message) : error;
  } finally {
    await file.close();
  }
}

interface FileSource extends TarSource {
  at(): number;
  /** Whether that many bytes are there. */
  skip(bytes: number): boolean;
}

function sourceOf(file: FileHandle, end: number): FileSource {
  let offset = 0;
  return {
    at: () => offset,
    take: async (bytes) => {
      const length = Math.min(bytes, end - offset);
      const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, offset);
      offset += bytesRead;
      return buffer.subarray(0, bytesRead);
    },
    skip: (bytes) => (offset += bytes) <= end,
  };
}

async function spansOf(source: FileSource): Promise<Map<string, Span>> {
  const spans = new Map<string, Span>();
  for (;;) {
    const entry = await nextEntry(source);
    if (!entry) return spans;
    const { name, size, kind } = entry;
    const shown = JSON.stringify(name);
    if (kind === 'link') throw new TarFault(`${shown} is a symbolic link`);
    if (!/^[\x20-\x7e]*$/.test(name)) throw new TarFault(`${shown} is no name of a bundle`);
    if (kind === 'file' && spans.has(name)) throw new TarFault(`${shown} is there twice`);
    if (kind === 'file') spans.set(name, { offset: source.at(), size });
    if (spans.size > MOST_FILES) throw new TarFault(`it has more than ${MOST_FILES} files`);
    if (!source.skip(size + paddingOf(size)))
      throw new TarFault(`it ends in the middle of ${shown}`);
  }
}

function broken(path: string, why: string): GofleetError {
  return new GofleetError('bundle_invalid', `${path} cannot be read: ${why}`, {
    remedy: 'Copy it again, whole, and compare its SHA-256 with that of the original.',
  });
}
