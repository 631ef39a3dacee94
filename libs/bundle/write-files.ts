import { createReadStream, createWriteStream } from 'node:fs';
import {
  constants,
  copyFile,
  mkdir,
  open,
  readdir,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { GofleetError } from '#errors';
import { syncFolder } from '#store';
import { pack } from 'tar-stream';

/** A file of a bundle that is to be written: its text, a file it is copied from, or where its bytes come from. */
export type BundleFile = { name: string } & (
  { text: string } | { from: string; size: number } | { read: () => Readable; size: number }
);

/**
 * Writes files as one tar where the target ends with `.gofleet`, else as a folder. It is there whole or not at all;
 * an older bundle of that name is replaced, anything else is not (`usage`).
 */
export async function writeFiles(target: string, files: readonly BundleFile[]): Promise<void> {
  await assertReplaceable(target);
  const temporary = join(dirname(target), `.${basename(target)}.building`);
  await mkdir(dirname(target), { recursive: true });
  await rm(temporary, { recursive: true, force: true });
  try {
    await (target.endsWith('.gofleet') ? writeTar : writeFolder)(files, temporary);
    await replace(temporary, target);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true, maxRetries: 5 }).catch(() => {});
    throw error;
  }
}

async function writeFolder(files: readonly BundleFile[], folder: string): Promise<void> {
  await mkdir(folder);
  for (const file of files) {
    const path = join(folder, file.name);
    await mkdir(dirname(path), { recursive: true });
    if ('text' in file) await writeFile(path, file.text);
    else if ('from' in file) await copyFile(file.from, path, constants.COPYFILE_FICLONE);
    else await pipeline(file.read(), createWriteStream(path));
    await syncFile(path);
  }
}

async function writeTar(files: readonly BundleFile[], path: string): Promise<void> {
  const tar = pack();
  await Promise.all([fill(tar, files), pipeline(tar, createWriteStream(path))]);
  await syncFile(path);
}

async function fill(tar: ReturnType<typeof pack>, files: readonly BundleFile[]): Promise<void> {
  const common = {
    mode: 0o644,
    uid: 0,
    gid: 0,
    uname: '',
    gname: '',
    mtime: new Date(946_684_800_000),
  };
  try {
    for (const file of files)
      if ('text' in file) tar.entry({ ...common, name: file.name }, file.text);
      else {
        const entry = tar.entry({ ...common, name: file.name, size: file.size });
        await pipeline('from' in file ? bytesOf(file.from) : file.read(), entry);
      }
    tar.finalize();
  } catch (error) {
    tar.destroy(error instanceof Error ? error : new Error(String(error)));
    throw error;
  }
}

function bytesOf(path: string): Readable {
  return createReadStream(path, { highWaterMark: 1 << 20 });
}

async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A folder cannot be renamed over one with files in it, so the old one steps aside first. */
async function replace(temporary: string, target: string): Promise<void> {
  const aside = join(dirname(target), `.${basename(target)}.replaced`);
  await rm(aside, { recursive: true, force: true });
  const old = await stat(target).catch(() => undefined);
  if (old?.isDirectory()) await rename(target, aside);
  await rename(temporary, target);
  await syncFolder(dirname(target));
  await rm(aside, { recursive: true, force: true });
}

async function assertReplaceable(target: string): Promise<void> {
  const found = await stat(target).catch(() => undefined);
  const tar = target.endsWith('.gofleet');
  if (!found || (found.isFile() && tar)) return;
  const names = found.isDirectory() && !tar ? await readdir(target) : undefined;
  if (names && (names.length === 0 || names.includes('manifest.json'))) return;
  throw new GofleetError('usage', `${target} is there and is no bundle`, {
    remedy: 'Name another place with -o, or move it away.',
  });
}
