import { join } from 'node:path';
import { isGofleetError } from '#errors';
import type { Build } from './build.ts';
import { goCommand } from './go.ts';
import type { Environment } from './run.ts';
import type { Workbench } from './cache/workbench.ts';

const DEFAULT = 'https://proxy.golang.org,direct';

/** One entry of GOPROXY. */
export interface ProxyEntry {
  /** A URL without a slash at its end, `direct` or `off`. */
  url: string;
  /** Whether the next entry is asked after any fault, and not only where this one has no such thing. */
  lenient: boolean;
}

/** GOPROXY as go sees it, the module cache of this user first; without go, as the environment says. */
export async function goProxies(build: Pick<Build, 'go' | 'env' | 'bench'>): Promise<ProxyEntry[]> {
  const { GOPROXY, GOMODCACHE } = await goEnv(build);
  const cache = GOMODCACHE ? [{ url: `file://${GOMODCACHE}/cache/download`, lenient: true }] : [];
  return [...cache, ...parseProxies(GOPROXY || DEFAULT)];
}

/** What lies in folders of downloads is asked before what GOPROXY names: file:// trees, each also as a module cache. */
export async function withFolders(
  { env, go = 'go', signal }: { env: Environment; go?: string; signal?: AbortSignal },
  folders: readonly string[],
  bench: Workbench,
): Promise<Environment> {
  if (folders.length === 0) return env;
  const { GOPROXY } = await goEnv({ go: goCommand(go, env, signal), env, bench });
  const trees = folders.flatMap((folder) => [folder, join(folder, 'cache/download')]);
  const urls = trees.map((tree) => `file://${tree}`);
  return { ...env, GOPROXY: [...urls, GOPROXY || DEFAULT].join(',') };
}

/** Settings of this user, from the environment or from `go env -w`. */
export interface GoEnv {
  GOPROXY: string | undefined;
  GOMODCACHE: string | undefined;
  GOFLAGS: string | undefined;
}

/** Go's answer; without go, what the environment says. */
export async function goEnv({
  go,
  env,
  bench,
}: Pick<Build, 'go' | 'env' | 'bench'>): Promise<GoEnv> {
  const cwd = await bench.scratch('empty');
  const said = { GOPROXY: env['GOPROXY'], GOMODCACHE: env['GOMODCACHE'], GOFLAGS: env['GOFLAGS'] };
  const names = Object.keys(said);
  const ran = await go
    .try(['env', ...names], { cwd, env: { GOFLAGS: env['GOFLAGS'] } })
    .catch(withoutGo);
  if (ran?.code !== 0) return said;
  const [GOPROXY, GOMODCACHE, GOFLAGS] = ran.stdout.split('\n').map((line) => line || undefined);
  return { GOPROXY, GOMODCACHE, GOFLAGS };
}

function withoutGo(error: unknown): undefined {
  if (!isGofleetError(error, 'missing_tool')) throw error;
}

/** A comma goes on after "not found" alone, a bar after anything (`go help goproxy`). */
export function parseProxies(list: string): ProxyEntry[] {
  return [...list.matchAll(/([^,|]+)([,|]?)/g)]
    .map(([, url = '', separator]) => ({
      url: url.trim().replace(/\/+$/, ''),
      lenient: separator === '|',
    }))
    .filter(({ url }) => url !== '');
}
