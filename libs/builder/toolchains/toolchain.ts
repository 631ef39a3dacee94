import { isAbsolute, join, resolve } from 'node:path';
import { Toolchain } from '#bundle';
import { GofleetError, isGofleetError } from '#errors';
import type { Build } from '../build.ts';
import { summed, toolchainModule } from './goroot-sum.ts';
import { gorootEntries, versionText } from './goroot.ts';
import type { Source } from '../schema.ts';
import { downloads } from './source-dir.ts';
import { dl } from './source-dl.ts';
import { goroot } from './source-goroot.ts';
import { proxy } from './source-proxy.ts';
import {
  named,
  type FoundGoroot,
  type Offer,
  type ToolchainSource,
  type Wanted,
} from './source.ts';

const SOURCES: Record<string, ToolchainSource> = { dl, proxy, goroot };

/** The folders of downloads that `sources` names, from the folder of the bundle file. */
export function downloadFolders(sources: readonly Source[], base: string): string[] {
  return sources.flatMap((source) => {
    const path = /^dir:(.+)$/.exec(source)?.[1];
    return path === undefined ? [] : [isAbsolute(path) ? path : resolve(join(base, path))];
  });
}

/** What `sources` names, in its order. */
export function toolchainSources(sources: readonly Source[], base: string): ToolchainSource[] {
  return sources.flatMap(
    (source) => SOURCES[source] ?? downloadFolders([source], base).map(downloads),
  );
}

/** Makes a toolchain from the first source that has it; the same one again comes from the cache. */
export async function makeToolchain(
  wanted: Wanted,
  sources: readonly ToolchainSource[],
  build: Build,
): Promise<Toolchain> {
  const reasons: string[] = [];
  for (const source of sources) {
    build.progress({ step: 'toolchain', message: `go ${named(wanted)} from ${source.name}` });
    try {
      const offer = await source.offer(wanted, build);
      return await build.bench.once(
        ['toolchain', source.name, ...Object.values(wanted), ...offer.inputs],
        Toolchain,
        () => makeOnce(source, offer, wanted, build),
        ({ verified }) => verified !== 'none',
      );
    } catch (error) {
      if (!isGofleetError(error, 'source_unavailable')) throw error;
      reasons.push(`${source.name}: ${error.message}`);
    }
  }
  throw nobodyHas(wanted, reasons);
}

/** What was downloaded stays for the next build where this one fails, unless it was bad. */
async function makeOnce(
  source: ToolchainSource,
  offer: Offer,
  wanted: Wanted,
  build: Build,
): Promise<Toolchain> {
  try {
    const made = await makeFrom(source, offer, wanted, build);
    if (made.verified !== 'none') await offer.discard?.();
    return made;
  } catch (error) {
    if (isGofleetError(error, 'bundle_invalid')) await offer.discard?.();
    throw error;
  }
}

async function makeFrom(
  { name }: ToolchainSource,
  offer: Offer,
  wanted: Wanted,
  build: Build,
): Promise<Toolchain> {
  const found = await offer.unpack();
  const text = await versionText(found.folder, wanted.version);
  build.progress({ step: 'toolchain', message: `packing go ${named(wanted)}` });
  const { entries, h1 } = summed(await gorootEntries(found.folder), wanted);
  const archive = await build.bench.archive(entries, 6);
  const verified = await verify(found, wanted, h1(), build);
  return { ...wanted, ...archive, versionText: text, source: name, verified, h1: h1() };
}

/** The checksum database knows every toolchain that was released, wherever this one comes from. */
async function verify(
  { published, released }: FoundGoroot,
  wanted: Wanted,
  h1: string,
  build: Build,
): Promise<Toolchain['verified']> {
  const vouched = await build.checksums
    .vouches(toolchainModule(wanted), h1)
    .catch((error: unknown) => {
      if (released || !isGofleetError(error, 'bundle_invalid')) throw error;
      build.progress({
        step: 'toolchain',
        message: `go ${named(wanted)} is not the one that was released`,
      });
      return false;
    });
  if (vouched) return 'checksum-database';
  if (published) return 'published-sha256';
  build.progress({ step: 'toolchain', message: `nobody vouches for go ${named(wanted)}` });
  return 'none';
}

function nobodyHas(wanted: Wanted, reasons: string[]): GofleetError {
  return new GofleetError(
    'source_unavailable',
    `no source has go ${named(wanted)}: ${reasons.join('; ')}`,
    {
      remedy:
        'Look at https://go.dev/dl/ whether this version exists for this platform (from 1.21 on with three numbers), ' +
        'and whether this machine reaches the sources.',
      details: { reasons },
    },
  );
}
