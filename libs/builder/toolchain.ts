import { Toolchain } from '#bundle';
import { GofleetError, isGofleetError } from '#errors';
import type { Build } from './build.ts';
import { gorootEntries, versionText } from './goroot.ts';
import type { Source } from './schema.ts';
import { fromDl } from './source-dl.ts';
import { fromGoroot } from './source-goroot.ts';
import { fromProxy } from './source-proxy.ts';
import { named, type ToolchainSource, type Wanted } from './source.ts';

const SOURCES: Record<Source, ToolchainSource> = {
  dl: fromDl,
  proxy: fromProxy,
  goroot: fromGoroot,
};

/** Makes a toolchain from the first source that has it; the same one again comes from the cache. */
export async function makeToolchain(
  wanted: Wanted,
  sources: readonly Source[],
  build: Build,
): Promise<Toolchain> {
  const reasons: string[] = [];
  for (const source of sources) {
    build.progress({ step: 'toolchain', message: `go ${named(wanted)} from ${source}` });
    try {
      return await build.bench.once(
        ['toolchain', source, wanted.version, wanted.os, wanted.arch],
        Toolchain,
        () => makeFrom(source, wanted, build),
        ({ verified }) => verified !== 'none',
      );
    } catch (error) {
      if (!isGofleetError(error, 'source_unavailable')) throw error;
      reasons.push(`${source}: ${error.message}`);
    }
  }
  throw nobodyHas(wanted, reasons);
}

async function makeFrom(source: Source, wanted: Wanted, build: Build): Promise<Toolchain> {
  const { folder, verified, h1 } = await SOURCES[source](wanted, build);
  const text = await versionText(folder, wanted.version);
  build.progress({ step: 'toolchain', message: `packing go ${named(wanted)}` });
  const archive = await build.bench.archive(await gorootEntries(folder), 6);
  return { ...wanted, ...archive, versionText: text, source, verified, h1 };
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
