import type { GraphModule, ProjectGraph } from '#bundle';
import { compareVersions } from '#gomod';
import { pairs } from './pairs.ts';

/**
 * The module graph from `go list -m all`, a line a module with tabs, and `go mod graph`, whose lines are
 * `module[@version] module@version`. The lines for `go` and `toolchain` are no modules.
 */
export function moduleGraph(
  selected: string,
  graph: string,
): Pick<ProjectGraph, 'modules' | 'requires'> {
  const chosen = selected.split('\n').filter(Boolean).map(selectedModule);
  const known = new Map(chosen.map((module) => [nameOf(module), module]));
  const edges = graph
    .split('\n')
    .map((line) => line.split(' '))
    .filter((names) => names.length === 2 && !names.some(isGoItself));
  for (const name of edges.flat()) if (!known.has(name)) known.set(name, outvoted(name));
  const modules = [...known.values()].sort(byPathAndVersion);
  const places = new Map(modules.map((module, place) => [nameOf(module), place]));
  return { modules, requires: pairs(edges, places) };
}

function selectedModule(line: string): GraphModule {
  const [path = '', version = '', indirect, to, toVersion] = line.split('\t');
  return {
    path,
    version: version || null,
    selected: true,
    indirect: indirect === 'true',
    replacedBy: to ? { path: to, version: toVersion || null } : null,
  };
}

function outvoted(name: string): GraphModule {
  const at = name.indexOf('@');
  const [path, version] = at < 0 ? [name, null] : [name.slice(0, at), name.slice(at + 1)];
  return { path, version, selected: false, indirect: true, replacedBy: null };
}

function nameOf({ path, version }: GraphModule): string {
  return version === null ? path : `${path}@${version}`;
}

function isGoItself(name: string): boolean {
  return /^(?:go|toolchain)@/.test(name);
}

function byPathAndVersion(a: GraphModule, b: GraphModule): number {
  return (
    Number(a.path > b.path) - Number(a.path < b.path) ||
    compareVersions(a.version ?? '', b.version ?? '')
  );
}
