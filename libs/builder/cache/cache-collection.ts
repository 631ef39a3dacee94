import { chmod, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Store } from '#store';

/** Milliseconds between two looks at a cache: counting the files of a module cache takes seconds. */
const PAUSE = 3_600_000;

/** The cache of the builder, when nobody works with it. */
export interface Cache {
  folder: string;
  blobs: Store;
}

/** What can only go as a whole. */
interface Unit {
  bytes: number;
  /** When it was used last, in milliseconds. */
  used: number;
  /** Removed only where nothing else is left to be. */
  whole: boolean;
  remove(): Promise<void>;
}

/**
 * Removes from a cache what was used least recently until it has at most so many bytes: what was made before with its
 * blobs, downloads, unpacked toolchains; folders such as the module cache last and as a whole. At most once an hour.
 */
export async function collectCache(cache: Cache, bytes: number): Promise<void> {
  const mark = join(cache.folder, 'collected');
  const last = (await stat(mark).catch(() => undefined))?.mtimeMs ?? 0;
  if (Date.now() - last < PAUSE) return;
  await removeSurplus(cache, bytes);
  await writeFile(mark, '');
  await utimes(mark, new Date(), new Date());
}

/** The same now. */
export async function removeSurplus(cache: Cache, bytes: number): Promise<void> {
  const units = await unitsOf(cache);
  let total = units.reduce((sum, each) => sum + each.bytes, 0);
  for (const unit of units.sort(byTurn)) {
    if (total <= bytes) return;
    await unit.remove();
    total -= unit.bytes;
  }
}

function byTurn(a: Unit, b: Unit): number {
  if (a.whole !== b.whole) return a.whole ? 1 : -1;
  return a.whole ? b.bytes - a.bytes : a.used - b.used;
}

async function unitsOf({ folder, blobs }: Cache): Promise<Unit[]> {
  return [
    ...(await unitsMade(join(folder, 'made'), blobs)),
    ...(await files(join(folder, 'partial'))),
    ...(await files(join(folder, 'blobs/uploads'))),
    ...(await files(join(folder, 'blobs/quarantine'))),
    ...(await folders(join(folder, 'kept'))),
  ];
}

/** Every blob with the newest note that names it; a blob that none names was only a step on the way to another. */
async function unitsMade(notes: string, blobs: Store): Promise<Unit[]> {
  const named = new Map<string, { used: number; notes: string[] }>();
  for (const name of await readdir(notes)) {
    const note = join(notes, name);
    const used = (await stat(note)).mtimeMs;
    for (const blob of await blobsOfNote(note)) {
      const known = named.get(blob);
      named.set(blob, {
        used: Math.max(used, known?.used ?? 0),
        notes: [...(known?.notes ?? []), note],
      });
    }
  }
  const units = (await blobs.list()).map(async ({ sha256, size }): Promise<Unit> => {
    const path = join(blobs.folder, 'sha256', sha256.slice(0, 2), sha256);
    const known = named.get(sha256) ?? { used: (await stat(path)).mtimeMs, notes: [] };
    const remove = async (): Promise<void> => {
      for (const each of [...known.notes, path]) await rm(each, { force: true });
    };
    return { bytes: size, used: known.used, whole: false, remove };
  });
  return Promise.all(units);
}

async function blobsOfNote(note: string): Promise<Set<string>> {
  try {
    return blobsNamedIn(JSON.parse(await readFile(note, 'utf8')));
  } catch {
    return new Set();
  }
}

/** Every blob that something that was made names, at whatever depth. */
export function blobsNamedIn(made: unknown): Set<string> {
  const found = new Set<string>();
  const look = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [key, below] of Object.entries(value))
      if (key === 'blob' && typeof below === 'string') found.add(below);
      else look(below);
  };
  look(made);
  return found;
}

async function files(folder: string): Promise<Unit[]> {
  const units = (await readdir(folder)).map(async (name): Promise<Unit> => {
    const path = join(folder, name);
    const { size, mtimeMs } = await stat(path);
    return { bytes: size, used: mtimeMs, whole: false, remove: () => rm(path, { force: true }) };
  });
  return Promise.all(units);
}

/** What was learned of checksum databases: it is small, and without it a database could lie unnoticed. */
const FOR_EVER = ['checksums'];

/** Unpacked toolchains go one by one, everything else that is kept as a whole. */
async function folders(kept: string): Promise<Unit[]> {
  const names = await readdir(kept);
  const toolchains = names.includes('toolchains') ? await readdir(join(kept, 'toolchains')) : [];
  const whole = names.filter((name) => name !== 'toolchains' && !FOR_EVER.includes(name));
  return Promise.all([
    ...toolchains.map((name) => folderUnit(join(kept, 'toolchains', name), false)),
    ...whole.map((name) => folderUnit(join(kept, name), true)),
  ]);
}

async function folderUnit(path: string, whole: boolean): Promise<Unit> {
  const remove = (): Promise<void> => removeFolder(path);
  return { bytes: await bytesOf(path), used: (await stat(path)).mtimeMs, whole, remove };
}

/** Also of folders that go has made read-only. */
async function removeFolder(path: string): Promise<void> {
  const remove = (): Promise<void> => rm(path, { recursive: true, force: true });
  await remove().catch(async () => {
    for (const entry of await readdir(path, { recursive: true, withFileTypes: true }))
      if (entry.isDirectory()) await chmod(join(entry.parentPath, entry.name), 0o755);
    await remove();
  });
}

async function bytesOf(folder: string): Promise<number> {
  let sum = 0;
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) sum += await bytesOf(path);
    else if (entry.isFile()) sum += (await stat(path)).size;
  }
  return sum;
}
