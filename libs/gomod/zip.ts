import { constants } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { crc32, inflateRawSync } from 'node:zlib';
import { GofleetError } from '#errors';
import { fromBufferPromise, openPromise, type Entry, type ZipFile } from 'yauzl';

/** A file in a zip; it can be read as long as the loop over the zip goes on. */
export interface ZipEntry {
  name: string;
  /** Bytes when unpacked, as the zip's directory says; `chunks` gives exactly as many or throws. */
  size: number;
  /** Its bytes, checked against size and CRC. Throws `bundle_invalid`. */
  chunks(): AsyncIterable<Buffer>;
  /** The same in one piece and at once; undefined where that would take much memory, and `chunks` has to be read. */
  whole(): Buffer | undefined;
}

/** The most that anything of ours unpacks to. */
const MOST_BYTES = 1024 ** 3;

/** Zips up to this size are read in one piece: going to the disk for each of ten thousand files takes seconds. */
const IN_MEMORY = 32 << 20;

/**
 * Every file of a zip, in the order of its directory, under the names that go reads: the bytes as UTF-8, and nothing
 * else that a zip may say about names. Throws `bundle_invalid` for what is no sound zip, for links and for device
 * files.
 */
export async function* readZip(from: string | Buffer): AsyncGenerator<ZipEntry> {
  const path = placeOf(from);
  const bytes = await inMemory(from);
  const options = { lazyEntries: true, autoClose: false, decodeStrings: false };
  const opening = bytes ? fromBufferPromise(bytes, options) : openPromise(path, options);
  const zip = await opening.catch((error: unknown) => {
    throw unsound(path, wordsOf(error));
  });
  try {
    yield* entriesOf(zip, bytes, path);
  } catch (error) {
    throw error instanceof GofleetError ? error : unsound(path, wordsOf(error));
  } finally {
    zip.close();
  }
}

async function inMemory(from: string | Buffer): Promise<Buffer | undefined> {
  if (typeof from !== 'string') return from;
  return (await stat(from)).size <= IN_MEMORY ? readFile(from) : undefined;
}

/** What a zip is called where it is no file. */
export function placeOf(from: string | Buffer): string {
  return typeof from === 'string' ? from : 'it';
}

async function* entriesOf(
  zip: ZipFile,
  bytes: Buffer | undefined,
  path: string,
): AsyncGenerator<ZipEntry> {
  let total = 0;
  for await (const entry of zip.eachEntry()) {
    const name = nameOf(entry, path);
    if (name.endsWith('/')) continue;
    const size = entry.uncompressedSize;
    total += size;
    if (total > MOST_BYTES) throw unsound(path, 'it unpacks to more than 1 GiB');
    const whole = (): Buffer | undefined =>
      bytes && size <= SMALL ? unpacked(entry, bytes, path) : undefined;
    const chunks = (): AsyncIterable<Buffer> => {
      const piece = whole();
      return piece ? once(piece) : checked(stream(zip, entry), entry, path);
    };
    yield { name, size, chunks, whole };
  }
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function nameOf(entry: Entry, path: string): string {
  const name = UTF8.decode(entry.fileNameRaw);
  const shown = JSON.stringify(name);
  if (/[\n\0\\]/.test(name)) throw unsound(path, `${shown} has a character that names have not`);
  if (name.startsWith('/') || name.split('/').includes('..'))
    throw unsound(path, `${shown} leads out of it`);
  if (isSpecial(entry)) throw unsound(path, `${shown} is a link or a device file`);
  return name;
}

const MADE_BY_UNIX = 3;

/** Unix modes lie in the upper half of the attributes; zips of go have none. */
function isSpecial({ versionMadeBy, externalFileAttributes }: Entry): boolean {
  if (versionMadeBy >> 8 !== MADE_BY_UNIX) return false;
  const type = (externalFileAttributes >>> 16) & constants.S_IFMT;
  return type !== 0 && type !== constants.S_IFREG && type !== constants.S_IFDIR;
}

/** Larger files are streamed. */
const SMALL = 16 << 20;

async function* once(piece: Buffer): AsyncGenerator<Buffer> {
  yield piece;
}

async function* stream(zip: ZipFile, entry: Entry): AsyncGenerator<Buffer> {
  for await (const chunk of await zip.openReadStreamPromise(entry))
    if (Buffer.isBuffer(chunk)) yield chunk;
}

const LOCAL_HEADER = 30;
const STORED = 0;
const DEFLATED = 8;

/** Many files are small, and there are ten thousands of them: no stream is made for one. */
function unpacked(entry: Entry, zip: Buffer, path: string): Buffer {
  try {
    const bytes = inflated(entry, zip);
    assertSound(entry, bytes.length, crc32(bytes));
    return bytes;
  } catch (error) {
    throw unsoundEntry(entry, path, error);
  }
}

function inflated(entry: Entry, zip: Buffer): Buffer {
  const at = entry.relativeOffsetOfLocalHeader;
  const header = zip.subarray(at, at + LOCAL_HEADER);
  if (header.length < LOCAL_HEADER || header.readUInt32LE(0) !== 0x04034b50)
    throw new Error('it is not where the zip says');
  const start = at + LOCAL_HEADER + header.readUInt16LE(26) + header.readUInt16LE(28);
  const bytes = zip.subarray(start, start + entry.compressedSize);
  if (entry.isEncrypted()) throw new Error('it is encrypted');
  if (entry.compressionMethod === STORED) return bytes;
  if (entry.compressionMethod !== DEFLATED) throw new Error('go does not read this packing');
  return inflateRawSync(bytes, inOnePiece(entry.uncompressedSize));
}

/** As much memory as it says it takes, at once; zlib has smallest sizes of its own. */
function inOnePiece(size: number): { chunkSize: number; maxOutputLength: number } {
  return { chunkSize: Math.max(64, size + 1), maxOutputLength: Math.max(1, size) };
}

/** Too many bytes, too few or wrong ones are found before anybody believes in them. */
async function* checked(
  chunks: AsyncIterable<Buffer>,
  entry: Entry,
  path: string,
): AsyncGenerator<Buffer> {
  const size = entry.uncompressedSize;
  let bytes = 0;
  let crc = 0;
  try {
    for await (const chunk of chunks) {
      bytes += chunk.length;
      crc = crc32(chunk, crc);
      if (bytes <= size) yield chunk;
    }
    assertSound(entry, bytes, crc);
  } catch (error) {
    throw unsoundEntry(entry, path, error);
  }
}

function assertSound({ uncompressedSize, crc32: expected }: Entry, bytes: number, crc: number) {
  if (bytes !== uncompressedSize)
    throw new Error(`it has ${bytes} bytes and should have ${uncompressedSize}`);
  if (crc !== expected) throw new Error('it has another checksum than the zip says');
}

function unsoundEntry(entry: Entry, path: string, error: unknown): GofleetError {
  if (error instanceof GofleetError) return error;
  return unsound(path, `${JSON.stringify(entry.fileNameRaw.toString())}: ${wordsOf(error)}`);
}

function wordsOf(error: unknown): string {
  if (error instanceof RangeError) return 'it unpacks to more than the zip says';
  return error instanceof Error ? error.message : String(error);
}

/** What is wrong with a zip, in words; `path` is where it lies. */
export function unsound(path: string, why: string): GofleetError {
  return new GofleetError('bundle_invalid', `${path} is no sound zip: ${why}`, {
    remedy: 'Fetch the module again; if it stays so, the proxy has a damaged copy.',
  });
}
