import { randomUUID } from 'node:crypto';
import { copyFile, mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { compareGo } from '#gomod';
import type { Build } from '../build.ts';
import { toolchainModule } from '../toolchains/goroot-sum.ts';
import type { Project } from '../projects/project.ts';
import type { Wanted } from '../toolchains/source.ts';
import { fetchFromProxies } from '../toolchains/source-proxy.ts';
import { baseOf } from './go-mods.ts';
import type { ModuleCache } from './module-cache.ts';
import type { Needed } from './needed.ts';

/**
 * The toolchains that projects prefer by a `toolchain` line and that are newer than any of the bundle, as modules, for
 * all of its platforms: hosts that do not set GOTOOLCHAIN=local switch to them.
 */
export async function toolchainModules(
  projects: readonly Project[],
  toolchains: readonly Wanted[],
  cache: ModuleCache,
  build: Build,
): Promise<Needed[]> {
  const needed: Needed[] = [];
  for (const wanted of preferred(projects, toolchains)) {
    const module = { ...toolchainModule(wanted), zip: true };
    for (const ending of ['.info', '.mod', '.zip'])
      await fetchInto(cache, `${baseOf(module)}${ending}`, build);
    needed.push(module);
  }
  return needed;
}

function preferred(projects: readonly Project[], toolchains: readonly Wanted[]): Wanted[] {
  const platforms = new Map(toolchains.map(({ os, arch }) => [`${os}/${arch}`, { os, arch }]));
  const versions = projects.flatMap(
    ({ toolchain }) => /^go(1[.a-z\d]+)$/.exec(toolchain ?? '')?.[1] ?? [],
  );
  const newer = [...new Set(versions)].filter((version) =>
    toolchains.every((each) => compareGo(version, each.version) > 0),
  );
  return newer.flatMap((version) => [...platforms.values()].map((each) => ({ version, ...each })));
}

/** go itself would not fetch it without the checksum database, which is asked later about all modules. */
async function fetchInto(cache: ModuleCache, name: string, build: Build): Promise<void> {
  const place = join(cache.downloads, name);
  if (await stat(place).catch(() => undefined)) return;
  const kept = await build.bench.partial(name);
  const found = await fetchFromProxies(name, kept, build);
  await mkdir(dirname(place), { recursive: true });
  const draft = `${place}.${randomUUID()}.tmp`;
  try {
    await copyFile(found, draft);
    await rename(draft, place);
  } finally {
    await rm(draft, { force: true });
  }
  await rm(kept, { force: true });
}
