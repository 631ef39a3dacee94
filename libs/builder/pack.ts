import { mkdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Pack, type ArchiveEntry, type PackModule, type PackProject } from '#bundle';
import { hashGoMod, hashZip, proxyTree, type ProxyFile, type ProxyModule } from '#gomod';
import type { Build } from './build.ts';
import type { HashedModule } from './checksums/index.ts';
import { readFileChunks } from './goroot.ts';
import { fillModuleCache } from './modules.ts';
import { openProject, packProject, type Project } from './project.ts';
import type { Environment } from './run.ts';
import type { PackSpec } from './schema.ts';

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
  const trees = sources.map(({ tree }) => tree);
  const inputs = ['pack', name, await goVersion(build), ...build.checksums.inputs(), ...trees];
  return build.bench.once(
    inputs,
    Pack,
    async () => ({
      name,
      ...(await packModules(projects, build)),
      projects: sources,
      also: [],
      graphs: null,
    }),
    ({ modules }) =>
      build.checksums.isRepeatable() && modules.every(({ verified }) => verified !== 'none'),
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
  const hashed: HashedModule[] = [];
  for (const module of tree.modules) hashed.push(await hashes(module));
  const sums = projects.map(({ sum }) => sum);
  const verified = await build.checksums.judge(hashed, sums);
  const modules: PackModule[] = hashed.map((module, index) => ({
    ...module,
    verified: verified[index] ?? 'none',
    licenses: [],
  }));
  const { files, sumdb } = await build.checksums.carry(hashed);
  const entries = await Promise.all([...tree.files, ...files].map(entryOf));
  return { ...(await build.bench.archive(entries, 1)), modules, sumdb };
}

async function hashes({ path, version, goMod, zip }: ProxyModule): Promise<HashedModule> {
  const h1 = zip === undefined ? null : await hashZip(zip);
  return { path, version, h1, goModH1: await hashGoMod(goMod) };
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
