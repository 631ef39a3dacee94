import { createWriteStream } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';

/** Who wants another ledger, and what was agreed to. */
export const RestoreOrder = z.strictObject({
  who: z.string(),
  /** Milliseconds since 1970. */
  at: z.int(),
  /** The file may be the ledger of another fleet. */
  otherFleet: z.boolean(),
});
export type RestoreOrder = z.infer<typeof RestoreOrder>;

/** The files of a restore, all in the folder of the ledger. */
export function restoreFiles(folder: string) {
  return {
    /** As it arrives. */
    part: join(folder, 'restore.part'),
    order: join(folder, 'restore.json'),
    /** Complete: the next start puts it in the place of the ledger. */
    ready: join(folder, 'restore.sqlite'),
  };
}

/** Takes in a file that is to become the ledger; nothing comes of it before `stageRestore`. Answers where it lies. */
export async function receiveRestore(
  folder: string,
  bytes: AsyncIterable<Uint8Array>,
): Promise<string> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const { part } = restoreFiles(folder);
  await rm(part, { force: true });
  await pipeline(bytes, createWriteStream(part, { mode: 0o600, flush: true }));
  return part;
}

/** Puts what was received beside the ledger: whoever opens the ledger next swaps it in. */
export async function stageRestore(folder: string, order: RestoreOrder): Promise<void> {
  const files = restoreFiles(folder);
  await rm(files.ready, { force: true });
  await writeSynced(files.order, JSON.stringify(order));
  await rename(files.part, files.ready);
  await syncFolder(folder);
}

async function writeSynced(path: string, text: string): Promise<void> {
  await using file = await open(path, 'w', 0o600);
  await file.writeFile(text);
  await file.sync();
}

/** Makes renames in a folder last. */
export async function syncFolder(folder: string): Promise<void> {
  await using handle = await open(folder, 'r');
  await handle.sync();
}
