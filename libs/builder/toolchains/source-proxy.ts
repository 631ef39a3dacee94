import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isGofleetError } from '#errors';
import type { Build } from '../build.ts';
import { downloadFile } from '../download.ts';
import { goProxies, type ProxyEntry } from '../goproxy.ts';
import { toolchainModule } from './goroot-sum.ts';
import { unavailable, type FoundGoroot, type ToolchainSource, type Wanted } from './source.ts';
import { unpackModule } from './unpack.ts';

/**
 * The toolchain module (https://go.dev/doc/toolchain#select) from the GOPROXY of this environment. It takes no go to
 * fetch it; the checksum database vouches for it, or nobody does.
 */
export const proxy: ToolchainSource = {
  name: 'proxy',
  offer: async (wanted, build) => {
    const kept = await build.bench.partial(nameOf(wanted));
    return {
      inputs: [],
      unpack: () => unpack(wanted, kept, build),
      discard: () => rm(kept, { force: true }),
    };
  },
};

function nameOf(wanted: Wanted): string {
  const { path, version } = toolchainModule(wanted);
  return `${path}/@v/${version}.zip`;
}

async function unpack(wanted: Wanted, kept: string, build: Build): Promise<FoundGoroot> {
  const folder = await build.bench.scratch('toolchain');
  const zip = await fetchFromProxies(nameOf(wanted), kept, build);
  const goroot = await unpackModule(zip, wanted, join(folder, 'go'));
  return { folder: goroot, published: false, released: true };
}

/**
 * Fetches a file of a GOPROXY tree from the first proxy that has it, by way of `kept` where it has to be downloaded;
 * answers where it lies. Throws `source_unavailable`.
 */
export async function fetchFromProxies(name: string, kept: string, build: Build): Promise<string> {
  for (const entry of await goProxies(build)) {
    if (entry.url === 'off') throw unavailable(`GOPROXY is off before one has ${name}`);
    const file = entry.url === 'direct' ? undefined : await fetchFrom(entry, name, kept, build);
    if (file !== undefined) return file;
  }
  throw unavailable(`no module proxy has ${name}`);
}

/** Where it lies now; undefined where this proxy has it not. */
async function fetchFrom(
  { url, lenient }: ProxyEntry,
  name: string,
  kept: string,
  build: Build,
): Promise<string | undefined> {
  try {
    if (url.startsWith('file:')) return await fileIn(fileURLToPath(url), name);
    if (!/^https?:/.test(url)) throw unavailable(`GOPROXY names ${url}, which is no URL`);
    const found = await downloadFile(`${url}/${name}`, kept, {
      signal: build.signal,
      progress: (done) => build.progress({ step: 'download', message: name, done }),
    });
    return found ? kept : undefined;
  } catch (error) {
    if (lenient && isGofleetError(error, 'source_unavailable')) return undefined;
    throw error;
  }
}

async function fileIn(tree: string, name: string): Promise<string | undefined> {
  const path = join(tree, name);
  return (await stat(path).catch(() => undefined))?.isFile() ? path : undefined;
}
