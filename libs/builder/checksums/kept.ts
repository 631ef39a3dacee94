import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { dirname, join } from 'node:path';
import type { TreeHead, VerifierKey } from '#gomod';
import type { Build } from '../build.ts';

/** What a builder keeps of one database: records and tiles that were proven once, and signed heads. */
export interface KeptDatabase {
  read(path: string): Promise<Buffer | undefined>;
  write(path: string, bytes: Uint8Array | string): Promise<void>;
  /** Where a file of it lies. */
  place(path: string): string;
  /** Notes of all heads that went out in packs. */
  carried(): Promise<string[]>;
  /** Notes that a head goes out. */
  carry(head: TreeHead): Promise<void>;
}

/** Several builds may use it at once: files are whole or not there, and heads have a file each. */
export async function keptDatabase(
  { name, id }: VerifierKey,
  bench: Build['bench'],
): Promise<KeptDatabase> {
  const folder = join(await bench.kept('checksums'), `${encodeURIComponent(name)}+${id}`);
  const drafts = await bench.scratch('checksums');
  const place = (path: string): string => join(folder, path);
  const made = new Map<string, Promise<unknown>>();
  const make = async (parent: string): Promise<unknown> => {
    const making = made.get(parent) ?? mkdir(parent, { recursive: true });
    made.set(parent, making);
    return making;
  };
  const write: KeptDatabase['write'] = async (path, bytes) => {
    const draft = join(drafts, randomUUID());
    await writeFile(draft, bytes);
    await make(dirname(place(path)));
    await rename(draft, place(path));
  };
  return {
    place,
    write,
    read: async (path) => readFile(place(path)).catch(whereNothingIs),
    carried: async () => {
      const names = await readdir(place('carried')).catch(() => []);
      return Promise.all(names.map(async (each) => readFile(join(place('carried'), each), 'utf8')));
    },
    carry: async ({ size, root, note }) =>
      write(`carried/${size}-${root.toString('hex').slice(0, 16)}`, note),
  };
}

function whereNothingIs(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
  throw error;
}
