import { Pack, type PackModule, type PackProject, type ProjectGraph } from '#bundle';
import { proxyTree, type GoSum, type ModuleVersion } from '#gomod';
import type { Build } from '../build.ts';
import { keepGraphs, readGraph, type GraphPlatform } from '../graphs/index.ts';
import { hashModules } from '../modules/hash-modules.ts';
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
import { treeEntry } from './tree-entry.ts';

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
  const inputs = [
    'pack',
    pack.name,
    `${platform.os}/${platform.arch}`,
    await goVersion(build),
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
    const modules = await packModules(together(needed), sumsOf(pack), cache, build);
    return { name: pack.name, ...modules, projects, also: named.map(nameOf), graphs };
  };
  return build.bench.once(
    inputs,
    Pack,
    make,
    ({ modules }) =>
      build.checksums.isRepeatable() && modules.every(({ verified }) => verified !== 'none'),
  );
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

/** Checks the modules against all that knows them, and packs them with what they were checked against. */
async function packModules(
  needed: readonly Needed[],
  sums: readonly GoSum[],
  cache: ModuleCache,
  build: Build,
) {
  const tree = await proxyTree(cache.downloads, needed);
  build.progress({ step: 'pack', message: `checking and packing ${tree.modules.length} modules` });
  const [hashed] = await Promise.all([
    hashModules(tree.modules, cache.read),
    build.checksums.prefetch(tree.modules),
  ]);
  const verified = await build.checksums.judge(hashed, sums);
  const modules: PackModule[] = hashed.map((module, index) => ({
    ...module,
    verified: verified[index] ?? 'none',
  }));
  const { files, sumdb } = await build.checksums.carry(hashed);
  const entries = await Promise.all([...tree.files, ...files].map(treeEntry));
  return { ...(await build.bench.archive(entries, 1)), modules, sumdb };
}
