import { z } from 'zod';

/** A place in the list of modules or packages. */
const Place = z.int().min(0);
/** From one place of a list to another. */
const Edge = z.tuple([Place, Place]);

/** A module of a project's graph: also in versions that another requirement outvotes. */
export const GraphModule = z.strictObject({
  path: z.string().min(1),
  /** null for the project's own modules. */
  version: z.string().min(1).nullable(),
  /** Whether builds use this version: one for each path. */
  selected: z.boolean(),
  /** Whether no package of the project imports it: it is needed by something else alone. */
  indirect: z.boolean(),
  /** What `replace` puts in its place; a folder has no version. */
  replacedBy: z
    .strictObject({ path: z.string().min(1), version: z.string().min(1).nullable() })
    .nullable(),
});
export type GraphModule = z.infer<typeof GraphModule>;

/** A package that the project builds from; those of the standard library are left out. */
export const GraphPackage = z.strictObject({
  path: z.string().min(1),
  /** Where its module is in `modules`; null where go knows none. */
  module: Place.nullable(),
});
export type GraphPackage = z.infer<typeof GraphPackage>;

/** What one project needs, as lists and as pairs of places in them. */
export const ProjectGraph = z
  .strictObject({
    name: z.string().min(1),
    modules: z.array(GraphModule),
    /** Requirements between modules, as `go mod graph` prints them. */
    requires: z.array(Edge),
    packages: z.array(GraphPackage),
    imports: z.array(Edge),
    /** Imports that only tests of the first package make. */
    testImports: z.array(Edge),
  })
  .superRefine(({ modules, requires, packages, imports, testImports }, context) => {
    const lead = (edges: [number, number][], many: number): boolean =>
      edges.every(([from, to]) => from < many && to < many);
    const sound =
      lead(requires, modules.length) &&
      lead([...imports, ...testImports], packages.length) &&
      packages.every(({ module }) => module === null || module < modules.length);
    if (!sound) context.addIssue({ code: 'custom', message: 'has an edge that leads nowhere' });
  });
export type ProjectGraph = z.infer<typeof ProjectGraph>;

/** The graphs of a pack: JSON, gzipped, in a blob that its manifest names. */
export const Graphs = z.strictObject({
  schema: z.literal(1),
  /** `linux/amd64`: packages are those that a build for it takes; modules are the same for all. */
  platform: z.string().min(1),
  projects: z.array(ProjectGraph),
});
export type Graphs = z.infer<typeof Graphs>;
