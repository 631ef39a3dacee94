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
import { basename, dirname, join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { GofleetError } from '#errors';
import { syncFolder } from '#store';
import { pack } from 'tar-stream';
import { digestOf, writeManifest } from './manifest.ts';
import { blobPath, type BundleBlob, type Manifest } from './schema.ts';
import { sumsOf } from './sums.ts';
import { compareBytes } from './tree.ts';

/** What a bundle holds; the list of its blobs follows from it. */
export type BundleContent = Pick<Manifest, 'name' | 'toolchains' | 'packs'>;

export interface WrittenBundle {
  path: string;
  digest: string;
  manifest: Manifest;
}

/**
 * Writes a bundle from blobs that lie in files: one tar where `out` ends with `.gofleet`, else a folder. It is there
 * whole or not at all; an older bundle of that name is replaced, anything else is not (`usage`).
 */
export async function writeBundle(
  content: BundleContent,
  pathOf: (sha256: string) => string,
  out: string,
): Promise<WrittenBundle> {
  const target = resolve(out);
  await assertReplaceable(target);
  const manifest = manifestOf(content);
  const text = writeManifest(manifest);
  const digest = digestOf(text);
  const files: BundleFile[] = [
    { name: 'manifest.json', text },
    { name: 'SHA256SUMS', text: sumsOf(manifest, digest) },
    ...manifest.blobs.map(({ sha256, path, size }) => ({ name: path, from: pathOf(sha256), size })),
  ];
  const temporary = join(dirname(target), `.${basename(target)}.building`);
  await mkdir(dirname(target), { recursive: true });
  await rm(temporary, { recursive: true, force: true });
  await (target.endsWith('.gofleet') ? writeTar : writeFolder)(files, temporary);
  await replace(temporary, target);
  return { path: target, digest, manifest };
}

type BundleFile = { name: string } & ({ text: string } | { from: string; size: number });

function manifestOf({ name, toolchains, packs }: BundleContent): Manifest {
  const archives = [...toolchains, ...packs, ...packs.flatMap(({ projects }) => projects)];
  const blobs = new Map<string, BundleBlob>();
  for (const { blob, size } of archives)
    blobs.set(blob, { sha256: blob, size, path: blobPath(blob) });
  return {
    schema: 1,
    name,
    toolchains,
    packs,
    releases: [],
    tools: [],
    blobs: [...blobs.values()].sort((a, b) => compareBytes(a.sha256, b.sha256)),
    rehearsal: null,
  };
}

async function writeFolder(files: BundleFile[], folder: string): Promise<void> {
  await mkdir(folder);
  for (const file of files) {
    const path = join(folder, file.name);
    await mkdir(dirname(path), { recursive: true });
    if ('text' in file) await writeFile(path, file.text);
    else await copyFile(file.from, path, constants.COPYFILE_FICLONE);
    await syncFile(path);
  }
}

async function writeTar(files: BundleFile[], path: string): Promise<void> {
  const tar = pack();
  await Promise.all([fill(tar, files), pipeline(tar, createWriteStream(path))]);
  await syncFile(path);
}

async function fill(tar: ReturnType<typeof pack>, files: BundleFile[]): Promise<void> {
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
        await pipeline(createReadStream(file.from, { highWaterMark: 1 << 20 }), entry);
      }
    tar.finalize();
  } catch (error) {
    tar.destroy(error instanceof Error ? error : new Error(String(error)));
    throw error;
  }
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
