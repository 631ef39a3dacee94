import { parse } from '@ts-graphviz/ast';
import { describe, expect, it } from 'vitest';
import { drawModules, drawPackages, type Drawing } from './drawing.ts';
import { toDot } from './dot.ts';
import { toMermaid } from './mermaid.ts';
import { narrowed } from './narrow.ts';
import type { GraphModule, Graphs } from './schema.ts';

function module(path: string, version: string | null, selected = true): GraphModule {
  return { path, version, selected, indirect: false, replacedBy: null };
}

const graphs: Graphs = {
  schema: 1,
  platform: 'linux/amd64',
  projects: [
    {
      name: 'app',
      modules: [
        module('app', null),
        module('b', 'v1.0.0', false),
        module('b', 'v1.1.0'),
        module('c', 'v2.0.0'),
      ],
      requires: [
        [0, 1],
        [0, 3],
        [1, 3],
        [2, 3],
        [3, 2],
      ],
      packages: [
        { path: 'app', module: 0 },
        { path: 'b', module: 2 },
        { path: 'b/tested', module: 2 },
        { path: 'c', module: 3 },
      ],
      imports: [
        [0, 1],
        [1, 3],
        [2, 3],
      ],
      testImports: [
        [0, 2],
        [1, 2],
      ],
    },
    {
      name: 'other',
      modules: [module('b', 'v1.0.0'), module('other', null)],
      requires: [[1, 0]],
      packages: [],
      imports: [],
      testImports: [],
    },
  ],
};

function drawn({ edges }: Drawing): string[] {
  return edges.map(({ from, to, test }) => `${from} ${test ? '-.->' : '-->'} ${to}`);
}

function names({ nodes }: Drawing): string[] {
  return nodes.map(({ name }) => name);
}

describe('a drawing of modules', () => {
  it('leads to the versions that a project builds with', () => {
    const drawing = drawModules(graphs, { project: 'app' });
    expect(names(drawing)).toEqual(['app', 'b@v1.1.0', 'c@v2.0.0']);
    expect(drawn(drawing)).toEqual([
      'app --> b@v1.1.0',
      'app --> c@v2.0.0',
      'b@v1.1.0 --> c@v2.0.0',
      'c@v2.0.0 --> b@v1.1.0',
    ]);
  });

  it('has outvoted versions too where they are asked for', () => {
    const drawing = drawModules(graphs, { project: 'app', allVersions: true });
    expect(drawing.nodes.find(({ name }) => name === 'b@v1.0.0')?.kind).toBe('outvoted');
    expect(drawn(drawing)).toContain('b@v1.0.0 --> c@v2.0.0');
  });

  it('puts projects together; what one of them builds with is no outvoted version', () => {
    const drawing = drawModules(graphs, { allVersions: true });
    expect(names(drawing)).toEqual(['app', 'b@v1.0.0', 'b@v1.1.0', 'c@v2.0.0', 'other']);
    expect(drawing.nodes.map(({ kind }) => kind)).toEqual(['own', 'used', 'used', 'used', 'own']);
  });
});

describe('a drawing of packages', () => {
  it('has what a build takes', () => {
    expect(drawn(drawPackages(graphs))).toEqual(['app --> b', 'b --> c']);
  });

  it('has what the tests of the project itself take where that is asked for', () => {
    expect(drawn(drawPackages(graphs, { tests: true }))).toEqual([
      'app --> b',
      'app -.-> b/tested',
      'b --> c',
      'b/tested --> c',
    ]);
  });
});

describe('a drawing can be narrowed', () => {
  const chain = drawPackages(graphs, { tests: true });

  it.each([
    [{ depth: 0 }, ['app']],
    [{ depth: 1 }, ['app', 'b', 'b/tested']],
    [{ focus: 'c' }, ['app', 'b', 'b/tested', 'c']],
    [{ focus: 'b' }, ['app', 'b', 'c']],
    [{ focus: 'b/*' }, ['app', 'b/tested', 'c']],
    [{ focus: 'c', depth: 1 }, ['b', 'b/tested', 'c']],
    [{ focus: 'nothing' }, []],
  ])('%j', (how, left) => {
    expect(names(narrowed(chain, how))).toEqual(left);
  });

  it('by a path without its version, and with it', () => {
    const modules = drawModules(graphs, { project: 'other' });
    expect(names(narrowed(modules, { focus: 'b', depth: 0 }))).toEqual(['b@v1.0.0']);
    expect(names(narrowed(modules, { focus: 'b@v1*', depth: 0 }))).toEqual(['b@v1.0.0']);
  });
});

/** What a path may have in it at worst. */
const odd: Drawing = {
  nodes: [
    { name: 'end', path: 'end', version: null, kind: 'own', module: null },
    {
      name: 'x/"y"]<b>\\',
      path: 'x/"y"]<b>\\',
      version: 'v1.0.0+incompatible',
      kind: 'used',
      module: 'm "é"',
    },
  ],
  edges: [{ from: 'end', to: 'x/"y"]<b>\\', test: true }],
};

const DRAWINGS: [string, Drawing][] = [
  ['modules', drawModules(graphs, { allVersions: true })],
  ['packages', drawPackages(graphs, { tests: true })],
  ['odd names', odd],
  ['nothing', { nodes: [], edges: [] }],
];

it.each(DRAWINGS)('%s are DOT that Graphviz reads, with every edge', (_, drawing) => {
  const [graph] = parse(toDot(drawing)).children.filter(({ type }) => type === 'Graph');
  expect(graph).toMatchObject({ directed: true });
  const edges = graph?.children.filter(({ type }) => type === 'Edge') ?? [];
  expect(edges).toHaveLength(drawing.edges.length);
});

it('text that is no DOT is not taken for it', () => {
  expect(() => parse(toDot(odd).replace('{', ''))).toThrow();
});

/** The few statements of a flowchart that are used, as Mermaid reads them. */
const STATEMENTS =
  /^(?:flowchart LR| *n\d+\["(?:[\w./@+~ -]|#\d+;|<br>)+"\](?::::\w+)?| {2}subgraph m\d+\["(?:[\w./@+~ -]|#\d+;)+"\]| {2}end| {2}n\d+ (?:-->|-\.->) n\d+| {2}classDef \w+ [\w:-]+)$/;

it.each(DRAWINGS)('%s are a flowchart in which no name means anything to Mermaid', (_, drawing) => {
  const lines = toMermaid(drawing).trimEnd().split('\n');
  expect(lines.filter((line) => !STATEMENTS.test(line))).toEqual([]);
  expect(lines.filter((line) => /-->|-\.->/.test(line))).toHaveLength(drawing.edges.length);
});
