import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import {
  blobsOf,
  writeBundle,
  type BundleContent,
  type Pack,
  type Toolchain,
  type WrittenBundle,
} from '#bundle';
import { parseDocument } from '#document';
import { GofleetError } from '#errors';
import type { Build, BuildEvent } from './build.ts';
import { openChecksums } from './checksums/index.ts';
import { goCommand } from './go.ts';
import { makePacks } from './make-packs.ts';
import { goForPacks } from './own-go.ts';
import { openPacks } from './open-packs.ts';
import { newestGo, preflight } from './preflight/index.ts';
import { rehearse } from './rehearsal/index.ts';
import type { Environment } from './run.ts';
import { BundleFile } from './schema.ts';
import { named } from './source.ts';
import { makeToolchain, toolchainSources } from './toolchain.ts';
import { wantedToolchains } from './wanted-toolchains.ts';
import { openWorkbench } from './workbench.ts';

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
  /** Whether every project is tried from its pack alone; true unless said otherwise. */
  rehearse?: boolean;
  progress?: (event: BuildEvent) => void;
  signal?: AbortSignal;
}

/**
 * Builds a bundle: the same inputs give the same bytes. What is under `out` is whole or not there; what was
 * downloaded and packed is kept in the cache for the next build, also when this one fails.
 */
export async function buildBundle(options: BuildOptions): Promise<WrittenBundle> {
  const file = await readBundleFile(options.file);
  await using bench = await openWorkbench(resolve(options.cache));
  const { env, signal, progress = () => {}, dlUrl = 'https://go.dev/dl/' } = options;
  const go = goCommand(options.go ?? 'go', env, signal);
  const own = { go, env, bench, dlUrl, progress, signal };
  const build: Build = { ...own, checksums: await openChecksums(own) };
  const open = await openPacks(file, dirname(options.file), env);
  const wanted = wantedToolchains(file);
  await preflight(open, await newestGo(wanted, build), build);
  const sources = toolchainSources(file.sources, dirname(options.file));
  const toolchains: Toolchain[] = [];
  for (const each of wanted) toolchains.push(await makeToolchain(each, sources, build));
  const ownGo = open.length > 0 ? await goForPacks(build, toolchains) : undefined;
  if (ownGo) build.go = ownGo.go;
  const { packs, tools } = await makePacks(open, file, build);
  const platforms = [...new Set(wanted.map(({ os, arch }) => `${os}/${arch}`))];
  const rehearsal =
    ownGo && (options.rehearse ?? true)
      ? await rehearse({ packs, tools, platforms }, ownGo, build)
      : null;
  build.progress({ step: 'write', message: options.out });
  const content: BundleContent = {
    name: file.name,
    toolchains,
    packs,
    tools,
    rehearsal,
    unverified: unverified(toolchains, packs),
  };
  const paths = await blobPaths(build, content);
  return writeBundle(content, (sha256) => paths.get(sha256) ?? '', options.out);
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

function unverified(toolchains: readonly Toolchain[], packs: readonly Pack[]): string[] {
  const modules = packs.flatMap((pack) => pack.modules.filter((each) => each.verified === 'none'));
  return [
    ...toolchains.filter((each) => each.verified === 'none').map((each) => `go ${named(each)}`),
    ...new Set(modules.map(({ path, version }) => `${path}@${version}`)),
  ];
}

async function blobPaths({ bench }: Build, content: BundleContent): Promise<Map<string, string>> {
  const paths = new Map<string, string>();
  for (const { blob } of blobsOf(content)) paths.set(blob, (await bench.blobs.get(blob)).path);
  return paths;
}
