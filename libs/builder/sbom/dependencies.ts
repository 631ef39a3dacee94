import type { GraphModule, Pack, ProjectGraph } from '#bundle';
import { moduleRef, projectRef, toolRef } from './components.ts';
import type { SbomSource } from './make-sbom.ts';

/**
 * Which component needs which, by their names: projects and modules as the graphs have it, in the versions that builds
 * use; tools the module that they are a package of.
 */
export function dependenciesOf({ packs, tools, graphs }: SbomSource): Map<string, Set<string>> {
  const edges = new Map<string, Set<string>>();
  const add = (from: string, to: string): void => {
    if (from === to) return;
    const targets = edges.get(from) ?? new Set();
    edges.set(from, targets.add(to));
  };
  for (const { name } of packs)
    for (const project of graphs.get(name)?.projects ?? []) addProject(name, project, add);
  for (const tool of tools) add(toolRef(tool), moduleRef(tool.module, tool.version));
  return edges;
}

function addProject(
  pack: Pack['name'],
  { name, modules, requires }: ProjectGraph,
  add: (from: string, to: string) => void,
): void {
  const own = projectRef(pack, name);
  const used = new Map(modules.filter(({ selected }) => selected).map((each) => [each.path, each]));
  const refOf = (place: number): string | undefined => {
    const module = used.get(modules[place]?.path ?? '');
    return module && (refOfModule(module) ?? own);
  };
  for (const [from, to] of requires) {
    const [source, target] = [refOf(from), refOf(to)];
    if (modules[from]?.selected && source !== undefined && target !== undefined)
      add(source, target);
  }
}

/** undefined for what is a part of the project: its own modules, and those that a folder of it replaces. */
function refOfModule({ path, version, replacedBy }: GraphModule): string | undefined {
  const place = replacedBy ?? { path, version };
  return place.version === null ? undefined : moduleRef(place.path, place.version);
}
