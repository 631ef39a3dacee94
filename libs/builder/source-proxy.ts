import { copyFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isGofleetError } from '#errors';
import type { Build } from './build.ts';
import { downloadFile } from './download.ts';
import { goProxies, type ProxyEntry } from './goproxy.ts';
import { toolchainModule } from './goroot-sum.ts';
import { unavailable, type FoundGoroot, type ToolchainSource, type Wanted } from './source.ts';
import { unpackModule } from './unpack.ts';

/**
 * The toolchain module (https://go.dev/doc/toolchain#select) from the GOPROXY of this environment. It takes no go to
 * fetch it; the checksum database vouches for it, or nobody does.
 */
export const proxy: ToolchainSource = {
  name: 'proxy',
  offer: async (wanted, build) => ({ inputs: [], unpack: () => unpack(wanted, build) }),
};

async function unpack(wanted: Wanted, build: Build): Promise<FoundGoroot> {
  const folder = await build.bench.scratch('toolchain');
  const zip = join(folder, 'toolchain.zip');
  const { path, version } = toolchainModule(wanted);
  const name = `${path}/@v/${version}.zip`;
  for (const entry of await goProxies(build)) {
    if (entry.url === 'off') throw unavailable(`GOPROXY is off before one has ${path}@${version}`);
    if (entry.url === 'direct' || !(await fetchFrom(entry, name, zip, build))) continue;
    const goroot = await unpackModule(zip, wanted, join(folder, 'go'));
    return { folder: goroot, published: false, released: true };
  }
  throw unavailable(`no module proxy has ${path}@${version}`);
}

/** Answers whether it is there now. */
async function fetchFrom(
  { url, lenient }: ProxyEntry,
  name: string,
  into: string,
  build: Build,
): Promise<boolean> {
  try {
    if (url.startsWith('file:')) return await copyFrom(join(fileURLToPath(url), name), into);
    if (!/^https?:/.test(url)) throw unavailable(`GOPROXY names ${url}, which is no URL`);
    const kept = await build.bench.partial(`${url}/${name}`);
    if (!(await downloadFile(`${url}/${name}`, kept, { signal: build.signal }))) return false;
    return await copyFrom(kept, into);
  } catch (error) {
    if (lenient && isGofleetError(error, 'source_unavailable')) return false;
    throw error;
  }
}

async function copyFrom(path: string, into: string): Promise<boolean> {
  if (!(await stat(path).catch(() => undefined))?.isFile()) return false;
  await copyFile(path, into);
  return true;
}
