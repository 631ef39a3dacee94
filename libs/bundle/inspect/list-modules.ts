import type { Graphs, ProjectGraph } from '../graphs/index.ts';
import type { Manifest, Pack, PackModule, Tool } from '../schema.ts';

/** A module of a pack and why it is there. */
export interface ListedModule extends PackModule {
  pack: string;
  /**
   * `direct`: packages of a project import it, or the bundle file names it; `indirect`: something else that is built
   * needs it; `versions`: it is there so that versions can be chosen, and nothing is built from it; null where the bundle
   * has no graphs.
   */
  needed: 'direct' | 'indirect' | 'versions' | null;
  /** The projects that build with it, and what the bundle file names: `also`, `tool package@version`. */
  by: string[];
}

/** Every module of a bundle, pack by pack, in their order; `graphs` by the name of the pack. */
export function listModules(
  { packs, tools }: Pick<Manifest, 'packs' | 'tools'>,
  graphs: ReadonlyMap<string, Graphs>,
): ListedModule[] {
  return packs.flatMap((pack) => {
    const known = graphs.get(pack.name);
    const uses = usesOf(pack, known?.projects ?? [], tools);
    return pack.modules.map((module): ListedModule => {
      const found = uses.get(nameOf(module)) ?? [];
      const needed = neededAs(module, found, pack, known !== undefined);
      return { pack: pack.name, ...module, needed, by: found.map(({ by }) => by) };
    });
  });
}

/** No graph says what the modules that the bundle file names need. */
function neededAs(
  { h1 }: PackModule,
  found: readonly Use[],
  { also }: Pack,
  hasGraphs: boolean,
): ListedModule['needed'] {
  if (found.some(({ direct }) => direct)) return 'direct';
  if (found.length > 0) return 'indirect';
  if (h1 === null) return 'versions';
  if (also.length > 0) return 'indirect';
  return hasGraphs ? 'versions' : null;
}

interface Use {
  by: string;
  direct: boolean;
}

function usesOf(
  pack: Pack,
  projects: readonly ProjectGraph[],
  tools: readonly Tool[],
): Map<string, Use[]> {
  const uses = new Map<string, Use[]>();
  const add = (module: string, use: Use): void => {
    uses.set(module, [...(uses.get(module) ?? []), use]);
  };
  for (const { name, modules } of projects)
    for (const { path, version, selected, indirect, replacedBy } of modules) {
      const place = replacedBy ?? { path, version };
      if (selected && place.version !== null) add(nameOf(place), { by: name, direct: !indirect });
    }
  const there = tools.filter(({ packs }) => packs.includes(pack.name));
  const ofTools = new Set(there.map(({ module, version }) => `${module}@${version}`));
  for (const tool of there)
    add(`${tool.module}@${tool.version}`, { by: `tool ${tool.package}`, direct: true });
  for (const module of pack.also)
    if (!ofTools.has(module)) add(module, { by: 'also', direct: true });
  return uses;
}

function nameOf({ path, version }: { path: string; version: string | null }): string {
  return `${path}@${version ?? ''}`;
}
