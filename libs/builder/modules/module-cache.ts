import { constants } from 'node:fs';
import { access, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Build } from '../build.ts';
import { goEnv, goProxies, type GoEnv } from '../goproxy.ts';
import type { Environment } from '../run.ts';
import type { ReadBefore } from './hash-modules.ts';

/** The module cache that all packs and builds share: go locks each of its files, so that two builds may use it at once. */
export interface ModuleCache {
  /** Laid out as a GOPROXY tree, with more in it than any one pack needs. */
  downloads: string;
  /** The checksum database is asked later, by ourselves, about everything that goes into a pack. */
  env: Environment;
  /** The same, but for questions that a cache cannot answer, such as which version is the latest. */
  askEnv: Environment;
  /** What GOFLAGS has for this cache, whatever else is in it. */
  flags: string;
  read: ReadBefore;
}

/**
 * The one of this user, as for any go command: what is there needs no second download and is not unpacked twice. Where
 * it cannot be written, one of the builder's own, which takes from it before it asks GOPROXY.
 */
export async function openModuleCache(build: Build): Promise<ModuleCache> {
  const user = await goEnv(build);
  const isUsers = user.GOMODCACHE !== undefined && (await canWrite(user.GOMODCACHE));
  return isUsers ? usersCache(user) : ownCache(build);
}

function usersCache({ GOMODCACHE = '', GOPROXY, GOFLAGS = '' }: GoEnv): ModuleCache {
  const flags = GOFLAGS.split(' ').find((flag) => /^--?modcacherw$/.test(flag)) ?? '';
  return cacheIn(GOMODCACHE, flags, GOPROXY ? { GOPROXY } : {});
}

async function ownCache(build: Build): Promise<ModuleCache> {
  const proxies = await goProxies(build);
  const GOPROXY = proxies.map(({ url, lenient }) => `${url}${lenient ? '|' : ','}`).join('');
  // without it the builder could not clear its cache away
  return cacheIn(await build.bench.kept('modules'), '-modcacherw', {
    GOPROXY: GOPROXY.replace(/[,|]$/, ''),
  });
}

function cacheIn(folder: string, flags: string, proxies: Environment): ModuleCache {
  const askEnv = { GOMODCACHE: folder, GOSUMDB: 'off', GOFLAGS: flags };
  return {
    downloads: join(folder, 'cache/download'),
    env: { ...askEnv, ...proxies },
    askEnv,
    flags,
    read: new Map(),
  };
}

async function canWrite(folder: string): Promise<boolean> {
  try {
    await mkdir(join(folder, 'cache/download'), { recursive: true });
    for (const place of [folder, join(folder, 'cache/download')])
      await access(place, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
