import { mkdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Pack, type ArchiveEntry, type PackModule, type PackProject } from '#bundle';
import { checkSum, hashGoMod, hashZip, proxyTree, type ProxyFile, type ProxyModule } from '#gomod';
import type { Build } from './build.ts';
import { readFileChunks } from './goroot.ts';
import { fillModuleCache } from './modules.ts';
import { openProject, packProject, type Project } from './project.ts';
import type { Environment } from './run.ts';
import type { PackSpec } from './schema.ts';
import { isVouchedFor } from './sumdb.ts';

/** Opens the projects of all packs, by pack: what cannot be packed is found before anything is downloaded. */
export async function openProjects(
  packs: readonly PackSpec[],
  base: string,
  env: Environment,
): Promise<Map<string, Project[]>> {
  const opened = new Map<string, Project[]>();
  for (const { name, projects } of packs) {
    const some: Project[] = [];
    for (const [index, folder] of projects.entries())
      some.push(await openProject(resolve(base, folder), `pack ${name}, projects[${index}]`, env));
    opened.set(name, some);
  }
  return opened;
}

/** Makes a pack: the modules of all its projects as one GOPROXY tree, and the source of each project. */
export async function makePack(name: string, projects: Project[], build: Build): Promise<Pack> {
  const sources: PackProject[] = [];
  for (const project of projects) sources.push(await packProject(project, build));
  const inputs = ['pack', name, await goVersion(build), ...sources.map(({ tree }) => tree)];
  return build.bench.once(
    inputs,
    Pack,
    async () => ({
      name,
      ...(await packModules(projects, build)),
      projects: sources,
      also: [],
      sumdb: null,
      graphs: null,
    }),
    ({ modules }) => modules.every(({ verified }) => verified !== 'none'),
  );
}

/** Zips of modules without a proxy are made by go itself, so its version is an input. */
async function goVersion(build: Build): Promise<string> {
  return build.go.run(['env', 'GOVERSION'], { cwd: await build.bench.scratch('empty') });
}

async function packModules(projects: Project[], build: Build) {
  const modCache = await build.bench.scratch('modules');
  const downloads = join(modCache, 'cache/download');
  await mkdir(downloads, { recursive: true });
  for (const project of projects) await fillModuleCache(project, modCache, build);
  const tree = await proxyTree(downloads);
  build.progress({ step: 'pack', message: `checking and packing ${tree.modules.length} modules` });
  const modules: PackModule[] = [];
  for (const module of tree.modules) modules.push(await checked(module, projects, modCache));
  const entries = await Promise.all(tree.files.map(entryOf));
  return { ...(await build.bench.archive(entries, 1)), modules };
}

/** Hashes a module anew and holds it against the go.sum of every project. */
async function checked(
  module: ProxyModule,
  projects: Project[],
  modCache: string,
): Promise<PackModule> {
  const name = `${module.path}@${module.version}`;
  const goModH1 = await hashGoMod(module.goMod);
  const h1 = module.zip === undefined ? null : await hashZip(module.zip);
  const known = projects.flatMap(({ sum }) => [
    checkSum(`go.mod of ${name}`, goModH1, sum.goMod(module)),
    h1 === null ? 'unknown' : checkSum(name, h1, sum.zip(module)),
  ]);
  const goModKnown = known.some((each, index) => index % 2 === 0 && each === 'good');
  const zipKnown = h1 === null || known.some((each, index) => index % 2 === 1 && each === 'good');
  const { path, version } = module;
  if (goModKnown && zipKnown)
    return { path, version, h1, goModH1, verified: 'go.sum', licenses: [] };
  const vouched =
    (goModKnown || (await isVouchedFor(modCache, module, goModH1))) &&
    (zipKnown || (await isVouchedFor(modCache, module, h1)));
  return {
    path,
    version,
    h1,
    goModH1,
    verified: vouched ? 'checksum-database' : 'none',
    licenses: [],
  };
}

async function entryOf(file: ProxyFile): Promise<ArchiveEntry> {
  const path = `modules/${file.path}`;
  if ('from' in file) {
    const { size } = await stat(file.from);
    return {
      path,
      kind: 'file',
      executable: false,
      size,
      read: () => readFileChunks(file.from, size),
    };
  }
  const bytes = Buffer.from(file.text);
  return { path, kind: 'file', executable: false, size: bytes.length, read: () => once(bytes) };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  if (bytes.byteLength > 0) yield bytes;
}
