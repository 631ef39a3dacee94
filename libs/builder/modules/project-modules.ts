import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isGofleetError } from '#errors';
import { compareVersions, type ModuleVersion } from '#gomod';
import type { Build } from '../build.ts';
import type { Project } from '../projects/project.ts';
import { downloadZips, graphOf, moduleGraph, type Place } from './graph.ts';
import { fetchGoMods } from './go-mods.ts';
import type { ModuleCache } from './module-cache.ts';
import { nameOf, together, type Needed } from './needed.ts';
import { modeOf, type ProjectCopy } from './project-copy.ts';

/** All modules that a project needs, and those that it would need if it required one of `also`. */
export async function projectModules(
  project: Project,
  copy: ProjectCopy,
  also: readonly ModuleVersion[],
  cache: ModuleCache,
  build: Build,
): Promise<Needed[]> {
  build.progress({ step: 'pack', message: `modules of ${project.name}` });
  const place: Place = { ...copy, replace: project.replace };
  const lists = [await graphOf(place, build)];
  for (const { folder, mod } of project.members) {
    const cwd = join(copy.cwd, folder);
    const alone = { cwd, env: { ...copy.env, ...modeOf(false, cwd, cache) }, replace: mod.replace };
    if (project.isWorkspace) lists.push(await memberAlone(alone, build));
    if (/^1\.17(\.|$)/.test(mod.go ?? '')) lists.push(await olderGraph(alone, build));
  }
  for (const module of also) lists.push(...(await withRequirement(module, copy, place, build)));
  const own = new Set(project.members.map(({ mod }) => mod.module));
  return fetchGoMods(together(lists), own, cache, build);
}

/**
 * `go mod tidy` in a member passes over go.work, and so may select other versions. Nothing for a member that cannot do
 * without its siblings: tidy fails there with a network too.
 */
async function memberAlone(alone: Place, build: Build): Promise<Needed[]> {
  try {
    return await graphOf(alone, build);
  } catch (error) {
    if (isGofleetError(error, 'go_failed')) return [];
    throw error;
  }
}

/** `go mod tidy` of a `go 1.17` module looks whether Go 1.16 would build the same, with a graph that is not pruned. */
async function olderGraph(alone: Place, build: Build): Promise<Needed[]> {
  const graph = await moduleGraph(alone, ['-go=1.16'], build);
  const selected = newest(graph).map(nameOf);
  const where = { cwd: await build.bench.scratch('empty'), env: alone.env };
  const zips = selected.length > 0 ? await downloadZips(selected, where, build) : [];
  return [...zips, ...graph.map((module) => ({ ...module, zip: false }))];
}

function newest(modules: readonly ModuleVersion[]): ModuleVersion[] {
  const byPath = Map.groupBy(modules, ({ path }) => path);
  return [...byPath.values()].flatMap(
    (versions) => versions.toSorted((a, b) => compareVersions(a.version, b.version)).at(-1) ?? [],
  );
}

/** What `go get module@version` in each module of the project comes to; nothing where that cannot be done. */
async function withRequirement(
  module: ModuleVersion,
  { cwd, folders }: ProjectCopy,
  place: Place,
  build: Build,
): Promise<Needed[][]> {
  const lists: Needed[][] = [];
  for (const folder of folders) {
    const at = join(cwd, folder);
    const undo = await remember([join(at, 'go.mod'), join(at, 'go.sum')]);
    const ran = await build.go.try(['get', nameOf(module)], { cwd: at, env: place.env });
    if (ran.code === 0) lists.push(await graphOf(place, build));
    else
      build.progress({
        step: 'pack',
        message: `${nameOf(module)} is packed, but not for this project: ${ran.stderr.trim().split('\n').at(-1) ?? ''}`,
      });
    await undo();
  }
  return lists;
}

async function remember(paths: readonly string[]): Promise<() => Promise<void>> {
  const texts = new Map<string, string>();
  for (const path of paths) texts.set(path, await readFile(path, 'utf8').catch(() => ''));
  return async () => {
    for (const [path, text] of texts) await writeFile(path, text);
  };
}
