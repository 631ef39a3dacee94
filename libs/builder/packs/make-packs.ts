import type { Pack, Tool } from '#bundle';
import type { Build } from '../build.ts';
import { openModuleCache } from '../modules/module-cache.ts';
import { resolveModules, resolveTool, type ResolvedTool } from '../modules/resolve.ts';
import type { OpenPack } from './open-packs.ts';
import { makePack, type PackSurroundings } from './pack.ts';
import type { BundleFile } from '../schema.ts';
import { wantedToolchains } from '../toolchains/wanted-toolchains.ts';

/** What the bundle file asks for besides projects, and hosts will have. */
export interface Wishes extends Pick<BundleFile, 'toolchains'> {
  /** `package@version`, or a query such as `package@latest`. */
  tools: readonly string[];
}

/** Makes all packs of a bundle; with tools they are twice the same where a query means the same twice. */
export async function makePacks(
  open: readonly OpenPack[],
  wishes: Wishes,
  build: Build,
): Promise<{ packs: Pack[]; tools: Tool[] }> {
  if (open.length === 0) return { packs: [], tools: [] };
  const cache = await openModuleCache(build);
  const tools: ResolvedTool[] = [];
  for (const query of wishes.tools) tools.push(await resolveTool(query, cache, build));
  const toolchains = wantedToolchains(wishes);
  const platform = toolchains[0] ?? COMMON;
  const jobs: PackSurroundings[] = [];
  for (const { also } of open)
    jobs.push({
      also: await resolveModules(also, cache, build),
      tools,
      toolchains,
      cache,
      platform,
    });
  const make = async (): Promise<Pack[]> => {
    const made: Pack[] = [];
    for (const [index, pack] of open.entries()) {
      const job = jobs[index];
      if (job) made.push(await makePack(pack, job, build));
    }
    return made;
  };
  const first = await make();
  const packs = build.checksums.isSettled(first) ? first : await make();
  return { packs, tools: toolRows(tools, packs) };
}

/** For bundles without toolchains: not that of this machine, so that others build the same. */
const COMMON = { os: 'linux', arch: 'amd64' };

function toolRows(tools: readonly ResolvedTool[], packs: readonly Pack[]): Tool[] {
  return tools.map(({ package: name, path, version }) => ({
    package: name,
    module: path,
    version,
    packs: packs.map((pack) => pack.name),
  }));
}
