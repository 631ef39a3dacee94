import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, resolve } from 'node:path';
import { openBundle } from '#bundle';
import { parseDocument } from '#document';
import { GofleetError } from '#errors';
import type { BuildOptions } from './build-options.ts';
import type { Build } from './build.ts';
import { openChecksums, readOwnDatabase } from './checksums/index.ts';
import { namingFullDisk } from './cache/disk-full.ts';
import { goCommand } from './go.ts';
import { withFolders } from './goproxy.ts';
import { assertWritable } from './out-place.ts';
import { BundleFile } from './schema.ts';
import { downloadFolders } from './toolchains/toolchain.ts';
import { openWorkbench, type Workbench, type WorkbenchOptions } from './cache/workbench.ts';

/** Reads the bundle file and opens the cache of the builder while a bundle is made of it; then clears away. */
export async function withBuild<T>(
  options: BuildOptions,
  make: (file: BundleFile, build: Build) => Promise<T>,
): Promise<T> {
  const places = [resolve(options.cache), resolve(options.out), tmpdir()];
  return namingFullDisk(places, async () => {
    const file = await readBundleFile(options.file);
    await assertWritable(options.out);
    await using bench = await openWorkbench(resolve(options.cache), benchOptions(options));
    return await namingFullDisk(places, async () =>
      make(file, await openBuild(options, file, bench)),
    );
  });
}

function benchOptions({ signal, cacheBytes, progress }: BuildOptions): WorkbenchOptions {
  const waiting = (pid: string): void =>
    progress?.({ step: 'wait', message: `another build with this cache is at work (pid ${pid})` });
  return { signal, cacheBytes, waiting };
}

async function openBuild(
  options: BuildOptions,
  { sources, sumdb }: BundleFile,
  bench: Workbench,
): Promise<Build> {
  const { signal, like, progress = () => {}, dlUrl = 'https://go.dev/dl/' } = options;
  const base = dirname(options.file);
  const env = await withFolders(options, downloadFolders(sources, base), bench);
  const go = goCommand(options.go ?? 'go', env, signal);
  const build = { go, env, bench, dlUrl, progress, signal };
  const checksums = await openChecksums(build, {
    like: like === undefined ? [] : (await openBundle(like)).manifest.packs,
    own: sumdb && (await readOwnDatabase(sumdb, base)),
  });
  return { ...build, checksums };
}

async function readBundleFile(path: string): Promise<BundleFile> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new GofleetError('usage', `${path} cannot be read`, {
      remedy: 'Name the bundle file, as in `gofleet bundle build bundle.yaml -o out`.',
      cause: error,
    });
  });
  return parseDocument(text, BundleFile, { name: path });
}
