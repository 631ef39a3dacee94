import type { GraphModule, Graphs, ProjectGraph } from './schema.ts';

/** A module or package of a drawing. */
export interface DrawnNode {
  /** `path@version`, or a path where there is no version: unique in a drawing. */
  name: string;
  path: string;
  /** null for what belongs to a project. */
  version: string | null;
  /** `own`: of a project itself; `outvoted`: a version that no build uses. */
  kind: 'own' | 'used' | 'outvoted';
  /** Of a package, the name of its module. */
  module: string | null;
}

export interface DrawnEdge {
  from: string;
  to: string;
  /** Whether tests of `from` alone need `to`. */
  test: boolean;
}

/** What is to be drawn: sorted by name. */
export interface Drawing {
  nodes: DrawnNode[];
  edges: DrawnEdge[];
}

export interface DrawingOptions {
  /** One project of the pack; all of them unless said otherwise. */
  project?: string | undefined;
  /** Versions that no build uses too, as `go mod graph` prints them. */
  allVersions?: boolean | undefined;
  /** What tests of the project's own packages import too. */
  tests?: boolean | undefined;
}

/** The modules of projects and what each requires. Without outvoted versions an edge leads to the version that is used. */
export function drawModules(graphs: Graphs, options: DrawingOptions = {}): Drawing {
  return together(chosen(graphs, options).map((project) => modulesOf(project, options)));
}

/** The packages of projects and what each imports; the standard library is left out. */
export function drawPackages(graphs: Graphs, options: DrawingOptions = {}): Drawing {
  return together(chosen(graphs, options).map((project) => packagesOf(project, options)));
}

function chosen({ projects }: Graphs, { project }: DrawingOptions): ProjectGraph[] {
  return projects.filter(({ name }) => project === undefined || name === project);
}

function modulesOf({ modules, requires }: ProjectGraph, { allVersions }: DrawingOptions): Drawing {
  const used = new Map(modules.filter(({ selected }) => selected).map((each) => [each.path, each]));
  const drawn = (place: number): GraphModule | undefined => {
    const module = modules[place];
    return allVersions ? module : used.get(module?.path ?? '');
  };
  const edges = requires.flatMap(([from, to]): DrawnEdge[] => {
    const [source, target] = [modules[from], drawn(to)];
    if (!source || !target || (!allVersions && !source.selected) || source === target) return [];
    return [{ from: nameOf(source), to: nameOf(target), test: false }];
  });
  const shown = modules.filter(({ selected }) => allVersions || selected);
  return { nodes: shown.map(moduleNode), edges };
}

function moduleNode(module: GraphModule): DrawnNode {
  const { path, version, selected } = module;
  const kind = version === null ? 'own' : selected ? 'used' : 'outvoted';
  return { name: nameOf(module), path, version, kind, module: null };
}

function packagesOf(
  { modules, packages, imports, testImports }: ProjectGraph,
  { tests }: DrawingOptions,
): Drawing {
  const nodes = packages.map(({ path, module }): DrawnNode => {
    const of = module === null ? undefined : modules[module];
    const own = of?.version === null;
    return {
      name: path,
      path,
      version: null,
      kind: own ? 'own' : 'used',
      module: of ? nameOf(of) : null,
    };
  });
  const edge =
    (test: boolean) =>
    ([from, to]: [number, number]): DrawnEdge => ({
      from: nodes[from]?.name ?? '',
      to: nodes[to]?.name ?? '',
      test,
    });
  const ownTests = testImports.filter(([from]) => nodes[from]?.kind === 'own');
  const edges = [...imports.map(edge(false)), ...(tests ? ownTests.map(edge(true)) : [])];
  return reachable({ nodes, edges });
}

/** Without what only tests need, unless they are drawn. */
function reachable({ nodes, edges }: Drawing): Drawing {
  const targets = Map.groupBy(edges, ({ from }) => from);
  const seen = new Set(nodes.filter(({ kind }) => kind === 'own').map(({ name }) => name));
  for (const name of seen) for (const { to } of targets.get(name) ?? []) seen.add(to);
  return {
    nodes: nodes.filter(({ name }) => seen.has(name)),
    edges: edges.filter(({ from }) => seen.has(from)),
  };
}

function nameOf({ path, version }: GraphModule): string {
  return version === null ? path : `${path}@${version}`;
}

/** A version that one project uses and another outvotes is a used one. */
function together(drawings: readonly Drawing[]): Drawing {
  const nodes = new Map<string, DrawnNode>();
  for (const node of drawings.flatMap((each) => each.nodes))
    if (!nodes.has(node.name) || node.kind === 'used') nodes.set(node.name, node);
  const edges = new Map<string, DrawnEdge>();
  for (const edge of drawings.flatMap((each) => each.edges)) {
    const key = `${edge.from} ${edge.to}`;
    if (!edges.has(key) || !edge.test) edges.set(key, edge);
  }
  return {
    nodes: [...nodes.values()].sort((a, b) => compare(a.name, b.name)),
    edges: [...edges.values()].sort((a, b) => compare(a.from, b.from) || compare(a.to, b.to)),
  };
}

function compare(a: string, b: string): number {
  return Number(a > b) - Number(a < b);
}
