import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Archive, ArchiveEntry, Effort } from '#bundle';
import { writeArchive } from '#bundle';
import { isGofleetError } from '#errors';
import { openStore, publish, type Store } from '#store';
import type { z } from 'zod';

/** Goes into every key: raise it when the same inputs begin to give other bytes. */
const FORMAT = 2;

/** What a build keeps between runs, and where it works. May be removed at any time when no build runs. */
export interface Workbench extends AsyncDisposable {
  blobs: Store;
  /** A new empty folder, gone when the build ends. */
  scratch(name: string): Promise<string>;
  /** A folder of this name that stays between builds; several builds may be in it at once. */
  kept(name: string): Promise<string>;
  /** Packs entries into a blob of the store. */
  archive(entries: readonly ArchiveEntry[], effort: Effort): Promise<Archive>;
  /**
   * What was made from the same inputs before, if its blob, where it has one, is still good; else it is made and, if
   * `keep` says so, noted.
   */
  once<T extends object>(
    inputs: readonly string[],
    schema: z.ZodType<T>,
    make: () => Promise<T>,
    keep: (made: T) => boolean,
  ): Promise<T>;
}

/** Opens the cache folder of the builder, and clears away what a killed build left. */
export async function openWorkbench(folder: string): Promise<Workbench> {
  const blobs = await openStore(join(folder, 'blobs'));
  const notes = join(folder, 'made');
  const scratches = join(folder, 'scratch');
  await mkdir(notes, { recursive: true });
  await mkdir(scratches, { recursive: true });
  await clearDead(scratches);
  const own = await mkdtemp(join(scratches, `${process.pid}-`));
  const scratch = async (name: string): Promise<string> => mkdtemp(join(own, `${name}-`));

  return {
    blobs,
    scratch,
    kept: async (name) => {
      await mkdir(join(folder, name), { recursive: true });
      return join(folder, name);
    },
    archive: async (entries, effort) => {
      const place = join(await scratch('archive'), 'blob');
      const archive = await writeArchive(entries, place, effort);
      await blobs.adopt(place, archive.blob);
      return archive;
    },
    once: async (inputs, schema, make, keep) => {
      const key = createHash('sha256')
        .update(JSON.stringify([FORMAT, ...inputs]))
        .digest('hex');
      const note = join(notes, `${key}.json`);
      const known = await recall(note, schema);
      if (known && (await isGood(blobs, known))) return known;
      const made = await make();
      if (keep(made)) {
        const draft = join(await scratch('note'), 'note.json');
        await writeFile(draft, JSON.stringify(made), { flush: true });
        await publish(draft, note);
      }
      return made;
    },
    [Symbol.asyncDispose]: async () => rm(own, { recursive: true, force: true }),
  };
}

async function clearDead(scratches: string): Promise<void> {
  for (const name of await readdir(scratches))
    if (!isAlive(Number.parseInt(name, 10)))
      await rm(join(scratches, name), { recursive: true, force: true });
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

async function recall<T>(note: string, schema: z.ZodType<T>): Promise<T | undefined> {
  const text = await readFile(note, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

async function isGood(blobs: Store, known: object): Promise<boolean> {
  try {
    if ('blob' in known && typeof known.blob === 'string') await blobs.get(known.blob);
    return true;
  } catch (error) {
    if (isGofleetError(error)) return false;
    throw error;
  }
}
