import {
  BLOCK,
  checkedSize,
  isZero,
  readTarHeader,
  TarFault,
  type TarHeader,
} from './tar-header.ts';

/** Where the bytes of a tar come from, one after the other. */
export interface TarSource {
  /** As many bytes as asked for, fewer where it ends. */
  take(bytes: number): Promise<Buffer>;
}

/** An entry whose bytes, padded to whole blocks, come next. */
export interface TarEntry extends TarHeader {
  kind: 'file' | 'folder' | 'link';
}

const KINDS: Record<string, TarEntry['kind']> = { 0: 'file', 7: 'file', 5: 'folder', 2: 'link' };

/** What else a tar may hold, and no bundle does. */
const REFUSED: Record<string, string> = {
  1: 'a hard link',
  3: 'a device file',
  4: 'a device file',
  6: 'a named pipe',
  S: 'a file with holes',
};

/** Far more than a name and a time take. */
const MOST_RECORD = 64 * 1024;

/**
 * The next file, folder or symbolic link, with what extended headers say about it; undefined at the end. Refuses what
 * is none of these, and names that lead out of a folder. Throws `TarFault`.
 */
export async function nextEntry(source: TarSource): Promise<TarEntry | undefined> {
  const said: Said = {};
  for (;;) {
    const header = readTarHeader(await source.take(BLOCK));
    if (!header) return ended(source, said);
    if (!'xgLK'.includes(header.type)) return entryOf(header, said);
    const record = await takeRecord(header, source);
    if (header.type === 'L') said.path = textOf(record);
    else if (header.type === 'K') said.linkpath = textOf(record);
    else if (header.type === 'x') Object.assign(said, readRecords(record));
    else refuseGlobal(readRecords(record));
  }
}

/** Bytes that fill up the last block of an entry. */
export function paddingOf(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK;
}

/** What extended headers say about the next entry, in the words of pax. */
interface Said {
  path?: string;
  linkpath?: string;
  size?: string;
}

function entryOf(header: TarHeader, said: Said): TarEntry {
  const named = (said.path ?? header.name).replace(/^(?:\.\/+)+/, '');
  const name = named.replace(/\/$/, '');
  const shown = JSON.stringify(named);
  const kind = KINDS[header.type];
  if (!kind) throw new TarFault(`${shown} is ${REFUSED[header.type] ?? 'of an unknown kind'}`);
  if (!isInside(name) && !(kind === 'folder' && (name === '' || name === '.')))
    throw new TarFault(`the name ${shown} leads out of it or is not in its plain form`);
  const size = said.size === undefined ? header.size : checkedSize(numberOf(said.size));
  if (kind !== 'file' && size !== 0) throw new TarFault(`${shown} is a ${kind} with bytes`);
  return { ...header, kind, name, size, target: said.linkpath ?? header.target };
}

/** Whether a name stays below its folder and is in its plain form. */
export function isInside(name: string): boolean {
  if (name.includes('\0') || name.includes('\n')) return false;
  return name.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}

function numberOf(digits: string): number {
  return /^\d+$/.test(digits) ? Number(digits) : Number.NaN;
}

async function takeRecord({ size }: TarHeader, source: TarSource): Promise<Buffer> {
  if (size > MOST_RECORD) throw new TarFault('an extended header is too large');
  const bytes = await source.take(size + paddingOf(size));
  if (bytes.length < size) throw new TarFault('it ends in the middle of an extended header');
  return bytes.subarray(0, size);
}

/** Lines `LENGTH KEY=VALUE`, the length in bytes and of the whole line (POSIX pax). */
function readRecords(bytes: Buffer): Said {
  const said: Said = {};
  for (let at = 0; at < bytes.length;) {
    const [, digits = '', key = ''] =
      /^(\d{1,6}) ([^=]+)=/.exec(bytes.toString('utf8', at, at + 300)) ?? [];
    const length = Number(digits);
    if (key === '' || length <= digits.length + key.length + 2 || bytes[at + length - 1] !== 10)
      throw new TarFault('an extended header cannot be read');
    const start = at + digits.length + 1 + Buffer.byteLength(key) + 1;
    const value = bytes.toString('utf8', start, at + length - 1);
    if (key.startsWith('GNU.sparse')) throw new TarFault('it has a file with holes');
    if (key === 'path' || key === 'linkpath' || key === 'size') said[key] = value;
    at += length;
  }
  return said;
}

/** What holds for all entries at once would be read differently by every tar. */
function refuseGlobal(said: Said): void {
  if (Object.keys(said).length > 0) throw new TarFault('a global header names files');
}

function textOf(record: Buffer): string {
  return record.toString('utf8').replace(/\0+$/, '');
}

const MOST_BEHIND = 1 << 20;

/** Zeros fill up the last record; anything else was put there to be read by somebody else. */
async function ended(source: TarSource, said: Said): Promise<undefined> {
  if (Object.keys(said).length > 0) throw new TarFault('it ends behind an extended header');
  const behind = await source.take(MOST_BEHIND + 1);
  if (behind.length > MOST_BEHIND || !isZero(behind))
    throw new TarFault('something follows its end');
}
