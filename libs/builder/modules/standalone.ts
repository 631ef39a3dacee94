import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModuleVersion } from '#gomod';
import type { Build } from '../build.ts';
import { fetchGoMods } from './go-mods.ts';
import { graphOf } from './graph.ts';
import type { ModuleCache } from './module-cache.ts';
import { nameOf, together, type Needed } from './needed.ts';
import { modeOf } from './project-copy.ts';

/** All that a new module needs which requires this one, and `go install` of a package of it. */
export async function standaloneModules(
  module: ModuleVersion,
  cache: ModuleCache,
  build: Build,
): Promise<Needed[]> {
  build.progress({ step: 'pack', message: `modules of ${nameOf(module)}` });
  const cwd = await build.bench.scratch('standalone');
  const { path, version } = module;
  await writeFile(
    join(cwd, 'go.mod'),
    `module gofleet.invalid/standalone\n\ngo 1.21\n\nrequire ${path} ${version}\n`,
  );
  const env = { ...cache.env, ...modeOf(false, cwd, cache) };
  const needed = await graphOf({ cwd, env, replace: [] }, build);
  return fetchGoMods(together([needed]), new Set(), cache, build);
}
