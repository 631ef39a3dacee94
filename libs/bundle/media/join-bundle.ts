import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readdir, readFile, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { GofleetError } from '#errors';
import { noRoom } from './no-room.ts';
import { partPath, SUMS_ENDING } from './split-bundle.ts';

export interface JoinOptions {
  /** The file to write; absent: beside the parts, under the name that it had. */
  out?: string | undefined;
  /** Called with the parts that were taken so far, and all. */
  progress?: (done: number, total: number) => void;
}

interface Line {
  sha256: string;
  name: string;
}

/**
 * Puts the parts of a bundle together again, from their list or the folder that it lies in. All bad and missing parts
 * are named at once (`bundle_invalid`), so that these alone are brought again; nothing is written then.
 */
export async function joinBundle(
  path: string,
  { out, progress }: JoinOptions = {},
): Promise<string> {
  const sums = await findSums(path);
  const lines = parseSums(await readSums(sums), sums);
  const [parts, whole] = [lines.slice(0, -1), lines.at(-1)];
  if (!whole) throw noList(sums, 'it is empty');
  const target = resolve(out ?? join(dirname(sums), whole.name));
  const temporary = join(dirname(target), `.${basename(target)}.joining`);
  const file = await open(temporary, 'w', 0o644);
  try {
    await takeAll(dirname(sums), parts, whole, file, progress);
    await file.sync();
    await file.close();
    await rename(temporary, target);
  } catch (error) {
    await file.close();
    await rm(temporary, { force: true });
    throw noRoom(error, target);
  }
  return target;
}

async function takeAll(
  folder: string,
  parts: readonly Line[],
  whole: Line,
  into: FileHandle,
  progress: JoinOptions['progress'],
): Promise<void> {
  const hash = createHash('sha256');
  const faults: { path: string; message: string }[] = [];
  for (const [index, part] of parts.entries()) {
    const fault = await takePart(join(folder, part.name), part, async (chunk) => {
      hash.update(chunk);
      if (faults.length === 0) await into.writeFile(chunk);
    });
    if (fault !== undefined) faults.push({ path: part.name, message: fault });
    progress?.(index + 1, parts.length);
  }
  if (faults.length > 0) throw badParts(faults);
  if (hash.digest('hex') !== whole.sha256)
    throw noList(whole.name, 'the parts are good, but the list is not that of the whole file');
}

/** What is wrong with a part; undefined when it is as it was. */
async function takePart(
  path: string,
  { sha256 }: Line,
  take: (chunk: Buffer) => Promise<void>,
): Promise<string | undefined> {
  const there = await stat(path).catch(() => undefined);
  if (!there?.isFile()) return there ? 'is no file' : 'is missing';
  const hash = createHash('sha256');
  for await (const chunk of readable(path)) {
    if (!Buffer.isBuffer(chunk)) return `cannot be read: ${chunk.unreadable}`;
    hash.update(chunk);
    await take(chunk);
  }
  const found = hash.digest('hex');
  return found === sha256 ? undefined : `is damaged: it has the SHA-256 ${found}`;
}

/** A medium that cannot be read is the fault of this part alone; what cannot be written is not. */
async function* readable(path: string): AsyncGenerator<Buffer | { unreadable: string }> {
  const chunks = createReadStream(path, { highWaterMark: 1 << 20 })[Symbol.asyncIterator]();
  for (;;) {
    const next = await chunks.next().catch((error: unknown) => ({ done: undefined, error }));
    if ('error' in next) yield { unreadable: wordsOf(next.error) };
    if ('error' in next || next.done) return;
    if (Buffer.isBuffer(next.value)) yield next.value;
  }
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Longer than any list of 999 parts. */
const MOST_SUMS = 1_000_000;

async function readSums(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isFile()) throw noList(path, found ? 'it is no file' : 'there is nothing');
  if (found.size > MOST_SUMS) throw noList(path, 'it is too large');
  return readFile(path, 'utf8');
}

/** The list itself, a part of it, or the one list in a folder. */
async function findSums(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile()) return path.replace(/\.part\d{3}$/, SUMS_ENDING);
  if (!found) throw noList(path, 'there is nothing');
  const lists = (await readdir(path)).filter((name) => name.endsWith(`.gofleet${SUMS_ENDING}`));
  const [only] = lists;
  if (only !== undefined && lists.length === 1) return join(path, only);
  throw noList(path, lists.length === 0 ? 'it has no list' : `it has ${lists.length} lists`);
}

/** Lines as sha256sum writes them: every part in its order, then the whole file. */
function parseSums(text: string, path: string): Line[] {
  const written = text.split('\n').filter((line) => line !== '');
  const lines = written.map((line, index) => {
    const [, sha256, name] = /^([0-9a-f]{64})  ([^/]*[^/.][^/]*)$/.exec(line) ?? [];
    if (sha256 !== undefined && name !== undefined) return { sha256, name };
    throw noList(path, `line ${index + 1} is none of such a list`);
  });
  const whole = lines.at(-1)?.name ?? '';
  const wrong = lines.slice(0, -1).findIndex(({ name }, at) => name !== partPath(whole, at + 1));
  if (wrong >= 0) throw noList(path, `line ${wrong + 1} is not part ${wrong + 1} of ${whole}`);
  if (lines.length === 1) throw noList(path, `it names no part of ${whole}`);
  return lines;
}

function badParts(faults: { path: string; message: string }[]): GofleetError {
  const names = faults.map(({ path, message }) => `${path} ${message}`).join('; ');
  return new GofleetError('bundle_invalid', names, {
    remedy: `Bring ${faults.length === 1 ? 'this part' : 'these parts'} again, and join once more.`,
    errors: faults,
  });
}

function noList(path: string, why: string): GofleetError {
  return new GofleetError('bundle_invalid', `${path} is no list of parts: ${why}`, {
    remedy: `Name the .gofleet${SUMS_ENDING} file that was written with the parts, or its folder.`,
  });
}
