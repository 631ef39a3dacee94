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
import { compareVersions } from '#gomod';
import type { Build, BuildEvent } from './build.ts';
import { openChecksums } from './checksums/index.ts';
import { goCommand } from './go.ts';
import { goForPacks } from './own-go.ts';
import { makePack, openProjects } from './pack.ts';
import type { Environment } from './run.ts';
import { BundleFile } from './schema.ts';
import { named } from './source.ts';
import { makeToolchain, toolchainSources } from './toolchain.ts';
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
  const tools = { go, env, bench, dlUrl, progress, signal };
  const build: Build = { ...tools, checksums: await openChecksums(tools) };
  const projects = await openProjects(file.packs, dirname(options.file), env);
  const sources = toolchainSources(file.sources, dirname(options.file));
  const toolchains: Toolchain[] = [];
  for (const wanted of wantedToolchains(file))
    toolchains.push(await makeToolchain(wanted, sources, build));
  if (file.packs.length > 0) build.go = await goForPacks(build, toolchains);
  const makePacks = async (): Promise<Pack[]> => {
    const made: Pack[] = [];
    for (const { name } of file.packs)
      made.push(await makePack(name, projects.get(name) ?? [], build));
    return made;
  };
  const first = await makePacks();
  const packs = build.checksums.isSettled(first) ? first : await makePacks();
  await build.checksums.commit(packs);
  build.progress({ step: 'write', message: options.out });
  const content: BundleContent = {
    name: file.name,
    toolchains,
    packs,
    tools: [],
    rehearsal: null,
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

/** In one order, however the bundle file names them. */
function wantedToolchains({ toolchains }: BundleFile) {
  const all = toolchains.flatMap(({ version, platforms }) =>
    platforms.map((platform) => {
      const [os = '', arch = ''] = platform.split('/');
      return { version, os, arch };
    }),
  );
  return all.sort(
    (a, b) =>
      compareVersions(semantic(a.version), semantic(b.version)) || (named(a) < named(b) ? -1 : 1),
  );
}

/** `1.22rc1` and `1.22` as semantic versions, for their order alone. */
function semantic(version: string): string {
  const [, numbers = '', pre = ''] = /^([\d.]+)(.*)$/.exec(version) ?? [];
  const padded = numbers.split('.').length < 3 ? `${numbers}.0` : numbers;
  return `v${padded}${pre ? `-${pre}` : ''}`;
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
