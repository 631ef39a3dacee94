import { join } from 'node:path';
import type { Build } from '../build.ts';
import { goProxies } from '../goproxy.ts';
import type { Environment } from '../run.ts';
import type { ReadBefore } from './hash-modules.ts';

/** The module cache that all packs and builds share: go locks each of its files, so that two builds may use it at once. */
export interface ModuleCache {
  /** Laid out as a GOPROXY tree, with more in it than any one pack needs. */
  downloads: string;
  /**
   * For go: what the user has downloaded already comes first, then GOPROXY. The checksum database is asked later, by
   * ourselves, about everything that goes into a pack.
   */
  env: Environment;
  /** The same, but for questions that a cache cannot answer, such as which version is the latest. */
  askEnv: Environment;
  read: ReadBefore;
}

export async function openModuleCache(build: Build): Promise<ModuleCache> {
  const folder = await build.bench.kept('modules');
  const proxies = await goProxies(build);
  const askEnv = { GOMODCACHE: folder, GOSUMDB: 'off', GOFLAGS: '-modcacherw' };
  const GOPROXY = proxies.map(({ url, lenient }) => `${url}${lenient ? '|' : ','}`).join('');
  const env = { ...askEnv, GOPROXY: GOPROXY.replace(/[,|]$/, '') };
  return { downloads: join(folder, 'cache/download'), env, askEnv, read: new Map() };
}
