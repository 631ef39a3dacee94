import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { GofleetError } from '#errors';
import { hashFile } from '#store';
import type { Build } from '../build.ts';
import { archiveName } from './dl-index.ts';
import { toolchainModule } from './goroot-sum.ts';
import { publishedHash } from './published-hash.ts';
import { unavailable, type FoundGoroot, type ToolchainSource, type Wanted } from './source.ts';
import { unpackArchive, unpackModule } from './unpack.ts';

/**
 * A folder of downloads: archives as go.dev publishes them, beside what was published with them (`NAME.sha256`,
 * `SHA256SUMS`, the index of go.dev/dl as `dl.json`), or toolchain modules as a module cache or a GOPROXY tree has them.
 */
export function downloads(folder: string): ToolchainSource {
  return {
    name: 'dir',
    offer: async (wanted, build) => {
      await assertFolder(folder);
      const archive = join(folder, archiveName(wanted));
      if (await isFile(archive)) return offerArchive(archive, build);
      const zip = await findModule(folder, wanted);
      if (zip) return offerModule(zip, wanted, build);
      throw unavailable(`there is no ${archiveName(wanted)} in ${folder}`);
    },
  };
}

async function offerArchive(path: string, build: Build) {
  const [sha256, published] = await Promise.all([hashFile(path), publishedHash(path)]);
  if (published && published.sha256 !== sha256) throw forged(path, sha256, published);
  return {
    inputs: [sha256, published ? 'published' : 'unpublished'],
    unpack: async (): Promise<FoundGoroot> => ({
      folder: await unpackArchive(path, await build.bench.scratch('archive')),
      published: published !== undefined,
      released: true,
    }),
  };
}

async function offerModule(path: string, wanted: Wanted, build: Build) {
  const [sha256, published] = await Promise.all([hashFile(path), publishedHash(path)]);
  if (published && published.sha256 !== sha256) throw forged(path, sha256, published);
  return {
    inputs: [sha256, 'module'],
    unpack: async (): Promise<FoundGoroot> => ({
      folder: await unpackModule(path, wanted, await build.bench.scratch('toolchain')),
      // Go publishes no SHA-256 of these: the checksum database is what vouches for them.
      published: false,
      released: true,
    }),
  };
}

/** As it was saved by hand, in a GOPROXY tree, or in a module cache. */
async function findModule(folder: string, wanted: Wanted): Promise<string | undefined> {
  const { path, version } = toolchainModule(wanted);
  const places = ['', `${path}/@v`, `cache/download/${path}/@v`];
  for (const place of places) {
    const zip = join(folder, place, `${version}.zip`);
    if (await isFile(zip)) return zip;
  }
  return undefined;
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() ?? false;
}

async function assertFolder(folder: string): Promise<void> {
  await readdir(folder).catch((error: unknown) => {
    throw new GofleetError('invalid_file', `sources: the folder ${folder} cannot be read`, {
      remedy:
        'Folders of downloads are named from the folder of the bundle file, as in dir:downloads.',
      cause: error,
    });
  });
}

function forged(path: string, sha256: string, published: { sha256: string; place: string }) {
  return new GofleetError(
    'bundle_invalid',
    `${path} has the SHA-256 ${sha256}, ${published.place} says ${published.sha256}`,
    {
      remedy:
        'Download it and what was published with it again; if it stays so, ask who stands between this machine and go.dev.',
    },
  );
}
