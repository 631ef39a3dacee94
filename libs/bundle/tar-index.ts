import { open, type FileHandle } from 'node:fs/promises';
import { GofleetError } from '#errors';

/** Where a file lies in an uncompressed tar. */
export interface Span {
  offset: number;
  size: number;
}

const BLOCK = 512;
const MOST_FILES = 100_000;

/**
 * Finds the files of a `.gofleet` without reading their bytes, also of one that was packed by hand with tar: our
 * names are short, so records of longer names and times are passed over. Throws `bundle_invalid`.
 */
export async function indexTar(path: string): Promise<Map<string, Span>> {
  const file = await open(path, 'r');
  try {
    const { size: end } = await file.stat();
    const spans = new Map<string, Span>();
    let offset = 0;
    for (;;) {
      const header = await readBlock(file, offset, path, end);
      if (header === undefined) return spans;
      const { name, size, type } = readHeader(header, path);
      if (offset + BLOCK + size > end) throw broken(path, `it ends in the middle of ${name}`);
      if (type === '0' || type === '\0') spans.set(name, { offset: offset + BLOCK, size });
      if (spans.size > MOST_FILES) throw broken(path, `it has more than ${MOST_FILES} files`);
      offset += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
    }
  } finally {
    await file.close();
  }
}

/** undefined at the block of zeros that ends a tar. */
async function readBlock(
  file: FileHandle,
  offset: number,
  path: string,
  end: number,
): Promise<Buffer | undefined> {
  if (offset + BLOCK > end) throw broken(path, 'it ends too early');
  const { buffer } = await file.read(Buffer.alloc(BLOCK), 0, BLOCK, offset);
  return buffer.every((byte) => byte === 0) ? undefined : buffer;
}

function readHeader(header: Buffer, path: string): Span & { name: string; type: string } {
  const sum = header.reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 32 : byte), 0);
  if (octal(header.subarray(148, 156)) !== sum) throw broken(path, 'it is no tar');
  return {
    name: text(header.subarray(0, 100)).replace(/^\.\//, ''),
    size: lengthOf(header.subarray(124, 136)),
    type: String.fromCharCode(header[156] ?? 0),
    offset: 0,
  };
}

/** Octal, or from 8 GiB on the GNU way: binary with the first bit set. */
function lengthOf(field: Buffer): number {
  return (field[0] ?? 0) & 0x80 ? Number(field.readBigUInt64BE(4)) : octal(field);
}

function octal(field: Buffer): number {
  return Number.parseInt(text(field).trim() || '0', 8);
}

function text(field: Buffer): string {
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end === -1 ? field.length : end);
}

function broken(path: string, why: string): GofleetError {
  return new GofleetError('bundle_invalid', `${path} cannot be read: ${why}`, {
    remedy: 'Copy it again, whole, and compare its SHA-256 with that of the original.',
  });
}
