import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Archive, ArchiveEntry, Effort } from '#bundle';
import { writeArchive } from '#bundle';
import { isGofleetError } from '#errors';
import { openStore, publish, type Store } from '#store';
import type { z } from 'zod';
import { blobsNamedIn, collectCache, removeSurplus } from './cache-collection.ts';
import { openLocks, type LockOptions } from './lock.ts';
import { isAlive, OWN } from './owner.ts';

/** Goes into every key: raise it when the same inputs begin to give other bytes. */
const FORMAT = 2;

/** Bytes that the cache of the builder may have unless somebody says otherwise. */
export const CACHE_BYTES = 20e9;

/**
 * What a build keeps between runs, and where it works. Builds may share it, at the same time and one after the other;
 * one that is killed leaves nothing that the next one does not use or clear away.
 */
export interface Workbench extends AsyncDisposable {
  blobs: Store;
  /** A new empty folder, gone when the build ends. */
  scratch(name: string): Promise<string>;
  /** A folder that stays, such as a module cache: what is in it may vanish between builds and never during one. */
  kept(name: string): Promise<string>;
  /** Where what is downloaded under a name is kept, so that the next build goes on with it. */
  partial(name: string): Promise<string>;
  /** Packs entries into a blob of the store. */
  archive(entries: readonly ArchiveEntry[], effort: Effort): Promise<Archive>;
  /**
   * What was made from the same inputs before, if its blobs are still good; else it is made and, if `keep` says so,
   * noted. Of builds that want the same at once, one makes it and the others wait.
   */
  once<T extends object>(
    inputs: Inputs,
    schema: z.ZodType<T>,
    make: () => Promise<T>,
    keep: (made: T) => boolean,
  ): Promise<T>;
  /** Runs while no other build with this cache runs something of the same name. */
  alone<T>(name: string, run: () => Promise<T>): Promise<T>;
}

/** A function where making changes them: what was made is found again by what they are afterwards, too. */
export type Inputs = readonly string[] | (() => readonly string[]);

export interface WorkbenchOptions extends LockOptions {
  /** The most that is kept, in bytes; what was used least recently goes first. */
  cacheBytes?: number | undefined;
}

/** Opens the cache folder of the builder, and clears away what a killed build left. */
export async function openWorkbench(
  folder: string,
  options: WorkbenchOptions = {},
): Promise<Workbench> {
  const blobs = await openStore(join(folder, 'blobs'));
  const [notes, scratches, kept, partials] = (await Promise.all(
    ['made', 'scratch', 'kept', 'partial'].map(async (name) => {
      await mkdir(join(folder, name), { recursive: true });
      return join(folder, name);
    }),
  )) as [string, string, string, string];
  const locks = await openLocks(join(folder, 'locks'), options);
  // Nobody clears the cache between a look at who is at work and this.
  const own = await locks.alone('cache', async () => {
    await clearDead(scratches);
    return mkdtemp(join(scratches, `${OWN}~`));
  });
  const beat = setInterval(() => void touch(own), 30_000).unref();
  const scratch = async (name: string): Promise<string> => mkdtemp(join(own, `${name}-`));

  return {
    blobs,
    scratch,
    kept: async (name) => {
      await mkdir(join(kept, name), { recursive: true });
      await touch(join(kept, name));
      return join(kept, name);
    },
    partial: async (name) => join(partials, createHash('sha256').update(name).digest('hex')),
    archive: async (entries, effort) => {
      const place = join(await scratch('archive'), 'blob');
      const archive = await writeArchive(entries, place, effort);
      await blobs.adopt(place, archive.blob);
      return archive;
    },
    once: async (inputs, schema, make, keep) => {
      const keyNow = (): string => keyOf(typeof inputs === 'function' ? inputs() : inputs);
      const placeOf = (name: string): string => join(notes, `${name}.json`);
      const key = keyNow();
      const note = placeOf(key);
      return locks.alone(key, async () => {
        const known = await recall(note, schema);
        if (known && (await areGood(blobs, blobsNamedIn(known)))) {
          await touch(note);
          return known;
        }
        const made = await make();
        if (!keep(made)) return made;
        for (const name of new Set([key, keyNow()])) {
          const draft = join(await scratch('note'), 'note.json');
          await writeFile(draft, JSON.stringify(made), { flush: true });
          await publish(draft, placeOf(name));
        }
        return made;
      });
    },
    alone: async (name, run) => locks.alone(name, run),
    [Symbol.asyncDispose]: async () => {
      clearInterval(beat);
      // What cannot be cleared away now, on a full disk for one, is by a later build: how this one went is what counts.
      await rm(own, { recursive: true, force: true, maxRetries: 5 }).catch(() => {});
      const clear = async (): Promise<void> => {
        await clearDead(scratches);
        if ((await readdir(scratches)).length > 0) return;
        if (options.cacheBytes === undefined) await collectCache({ folder, blobs }, CACHE_BYTES);
        else await removeSurplus({ folder, blobs }, options.cacheBytes);
      };
      await locks.alone('cache', clear).catch(() => {});
    },
  };
}

function keyOf(inputs: readonly string[]): string {
  return createHash('sha256')
    .update(JSON.stringify([FORMAT, ...inputs]))
    .digest('hex');
}

/** Milliseconds after which a build of another machine or container, which cannot be seen, is taken for dead. */
const SILENCE = 600_000;

async function clearDead(scratches: string): Promise<void> {
  for (const name of await readdir(scratches)) {
    const place = join(scratches, name);
    const alive = (await isAlive(name)) ?? (await ageOf(place)) < SILENCE;
    if (!alive) await rm(place, { recursive: true, force: true });
  }
}

async function ageOf(place: string): Promise<number> {
  const found = await stat(place).catch(() => undefined);
  return Date.now() - (found?.mtimeMs ?? 0);
}

/** Says that it was used now. */
async function touch(place: string): Promise<void> {
  const now = new Date();
  await utimes(place, now, now).catch(() => {});
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

async function areGood(blobs: Store, names: Iterable<string>): Promise<boolean> {
  try {
    for (const sha256 of names) await blobs.get(sha256);
    return true;
  } catch (error) {
    if (isGofleetError(error)) return false;
    throw error;
  }
}
