import { Pack, type PackProject, type ProjectGraph } from '#bundle';
import type { GoSum, ModuleVersion } from '#gomod';
import type { Build } from '../build.ts';
import { keepGraphs, readGraph, type GraphPlatform } from '../graphs/index.ts';
import type { ModuleCache } from '../modules/module-cache.ts';
import { nameOf, together, type Needed } from '../modules/needed.ts';
import { copyProject } from '../modules/project-copy.ts';
import { projectModules } from '../modules/project-modules.ts';
import type { ResolvedTool } from '../modules/resolve.ts';
import { standaloneModules } from '../modules/standalone.ts';
import { toolchainModules } from '../modules/toolchain-modules.ts';
import type { OpenPack } from './open-packs.ts';
import { packProject } from '../projects/project.ts';
import type { Wanted } from '../toolchains/source.ts';
import { isVouchedFor, packModules } from './pack-modules.ts';

/** What a pack is made of and with, besides its projects. */
export interface PackSurroundings {
  /** What its `also` comes to. */
  also: readonly ModuleVersion[];
  /** They go into every pack. */
  tools: readonly ResolvedTool[];
  /** Those of the bundle. */
  toolchains: readonly Wanted[];
  cache: ModuleCache;
  /** What the graphs of packages are drawn for. */
  platform: GraphPlatform;
}

/** Makes a pack: all modules that its projects, `also` and the tools need as one GOPROXY tree, and the source of each project. */
export async function makePack(
  pack: OpenPack,
  { also, tools, toolchains, cache, platform }: PackSurroundings,
  build: Build,
): Promise<Pack> {
  const projects: PackProject[] = [];
  for (const project of pack.projects) projects.push(await packProject(project, build));
  const named = together([
    [...also, ...tools].map(({ path, version }) => ({ path, version, zip: true })),
  ]);
  const go = await goVersion(build);
  const inputs = (): string[] => [
    'pack',
    pack.name,
    `${platform.os}/${platform.arch}`,
    go,
    ...toolchains.map((each) => `${each.version} ${each.os}/${each.arch}`),
    ...build.checksums.inputs(),
    ...named.map(nameOf),
    ...projects.map(({ tree }) => tree),
  ];
  const make = async (): Promise<Pack> => {
    const { lists, graphs } = await neededByProjects(pack, { also, cache, platform }, build);
    const needed = [
      ...lists,
      ...(await neededByNames(named, cache, build)),
      await toolchainModules(pack.projects, toolchains, cache, build),
    ];
    const modules = await packModules(together(needed), sumsOf(pack), { cache, go }, build);
    return { name: pack.name, ...modules, projects, also: named.map(nameOf), graphs };
  };
  return build.bench.once(inputs, Pack, make, (made) => isVouchedFor(made, build));
}

/** Zips of modules without a proxy are made by go itself, so its version is an input. */
async function goVersion(build: Build): Promise<string> {
  return build.go.run(['env', 'GOVERSION'], { cwd: await build.bench.scratch('empty') });
}

async function neededByProjects(
  { projects }: OpenPack,
  { also, cache, platform }: Pick<PackSurroundings, 'also' | 'cache' | 'platform'>,
  build: Build,
): Promise<{ lists: Needed[][]; graphs: Pack['graphs'] }> {
  const lists: Needed[][] = [];
  const graphs: ProjectGraph[] = [];
  for (const project of projects) {
    const copy = await copyProject(project, cache, build);
    lists.push(await projectModules(project, copy, also, cache, build));
    graphs.push(await readGraph({ name: project.name, ...copy }, platform, build.go));
  }
  return { lists, graphs: await keepGraphs(graphs, platform, build.bench) };
}

async function neededByNames(
  named: readonly Needed[],
  cache: ModuleCache,
  build: Build,
): Promise<Needed[][]> {
  const lists: Needed[][] = [];
  for (const module of named) lists.push(await standaloneModules(module, cache, build));
  return lists;
}

function sumsOf({ projects }: OpenPack): GoSum[] {
  return projects.flatMap(({ sums }) => sums);
}
