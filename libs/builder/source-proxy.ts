import { createWriteStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { isGofleetError } from '#errors';
import { hashZip, readZip } from '#gomod';
import type { Build } from './build.ts';
import { download } from './download.ts';
import { parseDownloads } from './mod-download.ts';
import { named, unavailable, type FoundGoroot, type Wanted } from './source.ts';
import { forged, isForged, isUnchecked, isVouchedFor } from './sumdb.ts';

const MODULE = 'golang.org/toolchain';
const DEFAULT_PROXY = 'https://proxy.golang.org';

/**
 * The toolchain module (https://go.dev/doc/toolchain#select) from the GOPROXY of this environment, checked by go against
 * the checksum database. Where that cannot be asked, or there is no go here, the zip is fetched without it and the
 * manifest says so.
 */
export async function fromProxy(wanted: Wanted, build: Build): Promise<FoundGoroot> {
  const version = `v0.0.1-go${wanted.version}.${wanted.os}-${wanted.arch}`;
  const found = await verifiedByGo(version, build);
  if (found) return found;
  build.progress({
    step: 'toolchain',
    message: `nobody vouches for go ${named(wanted)}: the checksum database could not be asked`,
  });
  return unverified(version, build);
}

/** undefined where the checksum database could not be asked; a forged module never gets a second way in. */
async function verifiedByGo(version: string, build: Build): Promise<FoundGoroot | undefined> {
  const cwd = await build.bench.scratch('empty');
  const cache = await build.bench.scratch('modules');
  const args = ['mod', 'download', '-json', `${MODULE}@${version}`];
  const ran = await build.go.try(args, { cwd, env: { GOMODCACHE: cache } }).catch(withoutGo);
  if (!ran) return undefined;
  const [found] = parseDownloads(ran.stdout);
  if (ran.code === 0 && found?.Dir && found.Sum) {
    const good = await isVouchedFor(cache, { path: MODULE, version }, found.Sum);
    return { folder: found.Dir, verified: good ? 'checksum-database' : 'none', h1: found.Sum };
  }
  const said = found?.Error ?? ran.stderr;
  if (isForged(said)) throw forged(said);
  if (isUnchecked(said)) return undefined;
  throw unavailable(`the module proxy has no ${MODULE}@${version}: ${lastLine(said)}`, true);
}

function withoutGo(error: unknown): undefined {
  if (!isGofleetError(error, 'missing_tool')) throw error;
}

async function unverified(version: string, build: Build): Promise<FoundGoroot> {
  const folder = await build.bench.scratch('toolchain');
  const zip = join(folder, 'toolchain.zip');
  for (const proxy of await httpProxies(build)) {
    const url = `${proxy.replace(/\/$/, '')}/${MODULE}/@v/${version}.zip`;
    const body = await download(url, { signal: build.signal });
    if (!body) continue;
    await writeFile(zip, body);
    const h1 = await hashZip(zip);
    return { folder: await unzip(zip, version, join(folder, 'go')), verified: 'none', h1 };
  }
  throw unavailable(`no module proxy has ${MODULE}@${version}`);
}

/** GOPROXY as go sees it; without go, as the environment says. */
async function httpProxies(build: Build): Promise<string[]> {
  const cwd = await build.bench.scratch('empty');
  const ran = await build.go.try(['env', 'GOPROXY'], { cwd }).catch(withoutGo);
  const list = ran?.stdout.trim() || build.env['GOPROXY'] || DEFAULT_PROXY;
  return list.split(/[,|]/).filter((each) => /^https?:/.test(each));
}

async function unzip(zip: string, version: string, into: string): Promise<string> {
  const prefix = `${MODULE}@${version}/`;
  for await (const entry of readZip(zip)) {
    if (!entry.name.startsWith(prefix)) continue;
    const path = join(into, entry.name.slice(prefix.length));
    await mkdir(dirname(path), { recursive: true });
    await pipeline(await entry.open(), createWriteStream(path));
  }
  return into;
}

function lastLine(said: string): string {
  return said.trim().split('\n').at(-1)?.trim() ?? '';
}
