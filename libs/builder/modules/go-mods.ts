import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { escapePath, type ModuleVersion } from '#gomod';
import type { Build } from '../build.ts';
import type { ModuleCache } from './module-cache.ts';
import { nameOf, type Needed } from './needed.ts';

/** Modules that one call of go is asked about: command lines end somewhere. */
const AT_ONCE = 100;

/**
 * Brings the go.mod and .info of modules into the cache where they are not there yet. A version of the project itself,
 * which a dependency may name and nobody has published, is left out where it cannot be had: answers what is there.
 */
export async function fetchGoMods(
  modules: readonly Needed[],
  own: ReadonlySet<string>,
  cache: ModuleCache,
  build: Build,
): Promise<Needed[]> {
  const where = { cwd: await build.bench.scratch('empty'), env: cache.env };
  const missing = await withoutGoMod(modules, cache);
  const others = missing.filter(({ path }) => !own.has(path)).map(nameOf);
  for (let at = 0; at < others.length; at += AT_ONCE)
    await build.go.run(['list', '-m', '-json', ...others.slice(at, at + AT_ONCE)], where);
  const gone = new Set<Needed>();
  for (const module of missing.filter(({ path }) => own.has(path))) {
    const ran = await build.go.try(['list', '-m', '-json', nameOf(module)], where);
    if (ran.code !== 0) gone.add(module);
  }
  return modules.filter((module) => !gone.has(module));
}

async function withoutGoMod(modules: readonly Needed[], cache: ModuleCache): Promise<Needed[]> {
  const found = modules.map(async (module) => {
    const base = join(cache.downloads, baseOf(module));
    const present = await Promise.all([stat(`${base}.info`), stat(`${base}.mod`)]).catch(() => []);
    return present.length > 0 ? [] : [module];
  });
  return (await Promise.all(found)).flat();
}

/** Where a GOPROXY tree has a module, without the ending. */
export function baseOf({ path, version }: ModuleVersion): string {
  return `${escapePath(path)}/@v/${escapePath(version)}`;
}
