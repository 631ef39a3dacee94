import { dirname } from 'node:path';
import {
  blobsOf,
  writeBundle,
  type BundleContent,
  type Manifest,
  type Toolchain,
  type WrittenBundle,
} from '#bundle';
import type { BuildOptions } from './build-options.ts';
import type { Build } from './build.ts';
import { makePacks } from './packs/make-packs.ts';
import { withBuild } from './open-build.ts';
import { openPacks, type OpenPack } from './packs/open-packs.ts';
import { assertOutside } from './out-place.ts';
import { goForPacks } from './toolchains/own-go.ts';
import { namingRequirement, newestGo, preflight } from './preflight/index.ts';
import { rehearse } from './rehearsal/index.ts';
import { sbomOf } from './sbom/index.ts';
import type { BundleFile } from './schema.ts';
import type { Wanted } from './toolchains/source.ts';
import { makeToolchain, toolchainSources } from './toolchains/toolchain.ts';
import { refuseUnverified, unverifiedIn } from './packs/unverified.ts';
import { wantedToolchains } from './toolchains/wanted-toolchains.ts';

/**
 * Builds a bundle: the same inputs give the same bytes. What is under `out` is whole or not there; what was
 * downloaded and packed is kept in the cache for the next build, also when this one fails.
 */
export async function buildBundle(options: BuildOptions): Promise<WrittenBundle> {
  return withBuild(options, async (file, build) => {
    const open = await openPacks(file, dirname(options.file), build.env);
    await assertApart(options, open, build);
    const wanted = wantedToolchains(file);
    await preflight(open, await newestGo(wanted, build), build);
    const toolchains = await makeToolchains(wanted, file, options, build);
    const own = open.length > 0 ? await goForPacks(build, toolchains) : undefined;
    if (own) build.go = own.go;
    const { packs, tools } = await namingRequirement(open, () => makePacks(open, file, build));
    const unverified = unverifiedIn(toolchains, packs);
    if (options.allowUnverified !== true) refuseUnverified(unverified);
    const isRehearsed = own && options.rehearse !== false;
    const rehearsal = isRehearsed
      ? await rehearse({ packs, tools, platforms: platforms(wanted) }, own, build)
      : null;
    await build.checksums.commit(packs);
    return write(
      { name: file.name, toolchains, packs, tools, rehearsal, unverified },
      options,
      build,
    );
  });
}

async function assertApart(
  { out, cache }: BuildOptions,
  open: readonly OpenPack[],
  { env }: Build,
): Promise<void> {
  const folders = open.flatMap(({ projects }) => projects.map(({ folder }) => folder));
  for (const place of [out, cache]) await assertOutside(place, folders, env);
}

async function makeToolchains(
  wanted: readonly Wanted[],
  { sources }: BundleFile,
  { file }: BuildOptions,
  build: Build,
): Promise<Toolchain[]> {
  const places = toolchainSources(sources, dirname(file));
  const toolchains: Toolchain[] = [];
  for (const each of wanted) toolchains.push(await makeToolchain(each, places, build));
  return toolchains;
}

function platforms(wanted: readonly Wanted[]): string[] {
  return [...new Set(wanted.map(({ os, arch }) => `${os}/${arch}`))];
}

async function write(
  content: Pick<Manifest, keyof BundleContent>,
  { out, against }: BuildOptions,
  build: Build,
): Promise<WrittenBundle> {
  build.progress({ step: 'write', message: out });
  const paths = new Map<string, string>();
  for (const { blob } of blobsOf(content))
    paths.set(blob, (await build.bench.blobs.get(blob)).path);
  const pathOf = (sha256: string): string => paths.get(sha256) ?? '';
  return writeBundle(content, pathOf, out, { sbom: await sbomOf(content, pathOf), against });
}
