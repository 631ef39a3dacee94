import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, resolve } from 'node:path';
import {
  blobsOf,
  openBundle,
  writeBundle,
  type BundleContent,
  type Have,
  type Toolchain,
  type WrittenBundle,
} from '#bundle';
import { parseDocument } from '#document';
import { GofleetError } from '#errors';
import type { Build, BuildEvent } from './build.ts';
import { openChecksums, readOwnDatabase } from './checksums/index.ts';
import { namingFullDisk } from './disk-full.ts';
import { goCommand } from './go.ts';
import { withFolders } from './goproxy.ts';
import { makePacks } from './make-packs.ts';
import { goForPacks } from './own-go.ts';
import { openPacks } from './open-packs.ts';
import { assertOutside, assertWritable } from './out-place.ts';
import { newestGo, preflight } from './preflight/index.ts';
import { rehearse } from './rehearsal/index.ts';
import type { Environment } from './run.ts';
import { sbomOf } from './sbom/index.ts';
import { BundleFile } from './schema.ts';
import { downloadFolders, makeToolchain, toolchainSources } from './toolchain.ts';
import { refuseUnverified, unverifiedIn } from './unverified.ts';
import { wantedToolchains } from './wanted-toolchains.ts';
import { openWorkbench, type Workbench, type WorkbenchOptions } from './workbench.ts';

export interface BuildOptions {
  /** The bundle file; folders in it are meant from its own folder. */
  file: string;
  /** A folder, or a file that ends with `.gofleet`. */
  out: string;
  /** Kept between builds: `${XDG_CACHE_HOME:-~/.cache}/gofleet/build`. */
  cache: string;
  /** For go and git: PATH, HOME, GOPROXY, GOSUMDB, GOPRIVATE, credentials. */
  env: Environment;
  /** The go command, `go` in PATH unless said otherwise. */
  go?: string;
  /** The index of Go releases, `https://go.dev/dl/` unless said otherwise; ends with a slash. */
  dlUrl?: string;
  /** An earlier bundle, whose head of the checksum database is taken again as long as it covers all modules. */
  like?: string | undefined;
  /** What the other side has: no more than what it lacks is written. The manifest and its digest stay the same. */
  against?: Have | undefined;
  /** Takes also what nobody vouches for; the manifest names it. */
  allowUnverified?: boolean | undefined;
  /** Whether every project is tried from its pack alone; true unless said otherwise. */
  rehearse?: boolean;
  /** The most that is kept between builds, in bytes; 20 GB unless said otherwise. */
  cacheBytes?: number | undefined;
  progress?: (event: BuildEvent) => void;
  signal?: AbortSignal;
}

/**
 * Builds a bundle: the same inputs give the same bytes. What is under `out` is whole or not there; what was
 * downloaded and packed is kept in the cache for the next build, also when this one fails.
 */
export async function buildBundle(options: BuildOptions): Promise<WrittenBundle> {
  const places = [resolve(options.cache), resolve(options.out), tmpdir()];
  return namingFullDisk(places, async () => {
    const file = await readBundleFile(options.file);
    await assertWritable(options.out);
    await using bench = await openWorkbench(resolve(options.cache), benchOptions(options));
    return await namingFullDisk(places, () => buildAt(bench, file, options));
  });
}

function benchOptions({ signal, cacheBytes, progress }: BuildOptions): WorkbenchOptions {
  const waiting = (pid: string): void =>
    progress?.({ step: 'wait', message: `another build with this cache is at work (pid ${pid})` });
  return { signal, cacheBytes, waiting };
}

async function buildAt(
  bench: Workbench,
  file: BundleFile,
  options: BuildOptions,
): Promise<WrittenBundle> {
  const { signal, progress = () => {}, dlUrl = 'https://go.dev/dl/' } = options;
  const base = dirname(options.file);
  const env = await withFolders(options, downloadFolders(file.sources, base), bench);
  const go = goCommand(options.go ?? 'go', env, signal);
  const own = { go, env, bench, dlUrl, progress, signal };
  const checksums = await openChecksums(own, {
    like: options.like === undefined ? [] : (await openBundle(options.like)).manifest.packs,
    own: file.sumdb && (await readOwnDatabase(file.sumdb, base)),
  });
  const build: Build = { ...own, checksums };
  const open = await openPacks(file, base, env);
  const folders = open.flatMap(({ projects }) => projects.map(({ folder }) => folder));
  for (const place of [options.out, options.cache]) await assertOutside(place, folders, env);
  const wanted = wantedToolchains(file);
  await preflight(open, await newestGo(wanted, build), build);
  const sources = toolchainSources(file.sources, base);
  const toolchains: Toolchain[] = [];
  for (const each of wanted) toolchains.push(await makeToolchain(each, sources, build));
  const ownGo = open.length > 0 ? await goForPacks(build, toolchains) : undefined;
  if (ownGo) build.go = ownGo.go;
  const { packs, tools } = await makePacks(open, file, build);
  const unverified = unverifiedIn(toolchains, packs);
  if (options.allowUnverified !== true) refuseUnverified(unverified);
  const platforms = [...new Set(wanted.map(({ os, arch }) => `${os}/${arch}`))];
  const rehearsal =
    ownGo && (options.rehearse ?? true)
      ? await rehearse({ packs, tools, platforms }, ownGo, build)
      : null;
  await checksums.commit(packs);
  build.progress({ step: 'write', message: options.out });
  const parts = { name: file.name, toolchains, packs, tools };
  const paths = await blobPaths(build, parts);
  const pathOf = (sha256: string): string => paths.get(sha256) ?? '';
  const content: BundleContent = { ...parts, rehearsal, unverified };
  return writeBundle(content, pathOf, options.out, {
    sbom: await sbomOf(parts, pathOf),
    against: options.against,
  });
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

async function blobPaths(
  { bench }: Build,
  content: Parameters<typeof blobsOf>[0],
): Promise<Map<string, string>> {
  const paths = new Map<string, string>();
  for (const { blob } of blobsOf(content)) paths.set(blob, (await bench.blobs.get(blob)).path);
  return paths;
}
