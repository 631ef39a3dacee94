import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readdir, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { GofleetError } from '#errors';
import writeFileAtomic from 'write-file-atomic';
import { noRoom } from './no-room.ts';
import { openBundle } from '../open-bundle.ts';

/** Ending of the list of the parts, in the form that `sha256sum -c` reads; the last line is the whole file. */
export const SUMS_ENDING = '.sha256';
/** At most 999 parts: names sort as they follow one another. */
const MOST_PARTS = 999;

export interface Split {
  /** Paths of the parts, in their order. */
  parts: string[];
  /** The list of the parts with their SHA-256. */
  sums: string;
}

export interface SplitOptions {
  /** Bytes of a part. */
  size: number;
  /** An existing folder. */
  folder: string;
  progress?: (done: number, total: number) => void;
}

/**
 * Cuts a `.gofleet` file into parts `NAME.part001`, … and writes their sums; `cat` puts them together too. Parts of
 * an earlier split of that name are replaced. Throws `bundle_invalid`, `usage`, `disk_full`.
 */
export async function splitBundle(
  path: string,
  { size, folder, progress }: SplitOptions,
): Promise<Split> {
  await openBundle(path);
  const { size: total } = await stat(path);
  const count = Math.ceil(total / size);
  refuseParts(path, count, (await stat(path)).isFile());
  const target = join(resolve(folder), basename(path));
  await forgetParts(target);
  try {
    return await writeParts(path, target, { size, total, count, progress });
  } catch (error) {
    await forgetParts(target);
    throw noRoom(error, folder);
  }
}

interface Cut {
  size: number;
  total: number;
  count: number;
  progress: SplitOptions['progress'];
}

async function writeParts(
  path: string,
  target: string,
  { size, total, count, progress }: Cut,
): Promise<Split> {
  const whole = createHash('sha256');
  const lines: string[] = [];
  const parts: string[] = [];
  for (let number = 1; number <= count; number += 1) {
    const part = partPath(target, number);
    const start = (number - 1) * size;
    const end = Math.min(start + size, total);
    const sum = await copyPart(path, part, { start, end }, (chunk, done) => {
      whole.update(chunk);
      progress?.(start + done, total);
    });
    lines.push(`${sum}  ${basename(part)}\n`);
    parts.push(part);
  }
  const sums = `${target}${SUMS_ENDING}`;
  await writeFileAtomic(sums, [...lines, `${whole.digest('hex')}  ${basename(target)}\n`].join(''));
  return { parts, sums };
}

/** `NAME.part001`, and so on. */
export function partPath(target: string, number: number): string {
  return `${target}.part${String(number).padStart(3, '0')}`;
}

function refuseParts(path: string, count: number, isFile: boolean): void {
  if (!isFile)
    throw new GofleetError('usage', `${path} is a folder`, {
      remedy: 'Split a .gofleet file: build it with -o NAME.gofleet.',
    });
  if (count <= MOST_PARTS) return;
  throw new GofleetError('usage', `that makes ${count} parts; at most ${MOST_PARTS} are made`, {
    remedy: 'Name a larger --size.',
  });
}

/** Without their sums, parts that were left over of a cut-off split pass for nothing. */
async function forgetParts(target: string): Promise<void> {
  await rm(target + SUMS_ENDING, { force: true });
  for (const entry of await readdir(dirname(target)))
    if (entry.startsWith(`${basename(target)}.part`) && /\.part\d{3}$/.test(entry))
      await rm(join(dirname(target), entry));
}

/** Answers the SHA-256 of the part, which is on the disk then. */
async function copyPart(
  from: string,
  to: string,
  { start, end }: { start: number; end: number },
  seen: (chunk: Buffer, done: number) => void,
): Promise<string> {
  const hash = createHash('sha256');
  const file = await open(to, 'wx', 0o644);
  let done = 0;
  try {
    for await (const chunk of createReadStream(from, {
      start,
      end: end - 1,
      highWaterMark: 1 << 20,
    })) {
      if (!Buffer.isBuffer(chunk)) throw new TypeError('a file is read as bytes');
      hash.update(chunk);
      await file.writeFile(chunk);
      seen(chunk, (done += chunk.length));
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return hash.digest('hex');
}
