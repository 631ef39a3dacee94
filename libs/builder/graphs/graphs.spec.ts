import { graphsBlob, readGraphsBlob, type ProjectGraph } from '#bundle';
import { expect, it } from 'vitest';
import { moduleGraph } from './modules.ts';
import { packageGraph } from './packages.ts';

const SELECTED = [
  'example.com/app\t\tfalse\t',
  'example.com/b\tv1.10.0\tfalse\t',
  'example.com/c\tv1.0.0\ttrue\texample.com/fork\tv1.0.1',
  'example.com/d\tv0.1.0\ttrue\t./d\t',
].join('\n');
const GRAPH = [
  'example.com/app go@1.21',
  'example.com/app example.com/b@v1.10.0',
  'example.com/b@v1.10.0 example.com/c@v1.0.0',
  'example.com/c@v1.0.0 example.com/b@v1.9.0',
  'example.com/app example.com/d@v0.1.0',
  'example.com/b@v1.10.0 toolchain@go1.22.0',
].join('\n');

/** `from -> to` in words. */
function words({ modules, requires }: ReturnType<typeof moduleGraph>): string[] {
  const name = (place: number) => `${modules[place]?.path} ${modules[place]?.version}`;
  return requires.map(([from, to]) => `${name(from)} -> ${name(to)}`);
}

it('a module graph has outvoted versions too, and neither go nor toolchain', () => {
  const graph = moduleGraph(SELECTED, GRAPH);
  expect(graph.modules.map(({ path, version, selected }) => [path, version, selected])).toEqual([
    ['example.com/app', null, true],
    ['example.com/b', 'v1.9.0', false],
    ['example.com/b', 'v1.10.0', true],
    ['example.com/c', 'v1.0.0', true],
    ['example.com/d', 'v0.1.0', true],
  ]);
  expect(words(graph)).toEqual([
    'example.com/app null -> example.com/b v1.10.0',
    'example.com/app null -> example.com/d v0.1.0',
    'example.com/b v1.10.0 -> example.com/c v1.0.0',
    'example.com/c v1.0.0 -> example.com/b v1.9.0',
  ]);
});

it('a module graph names what replaces a module: another one, or a folder', () => {
  const { modules } = moduleGraph(SELECTED, GRAPH);
  expect(modules.map(({ replacedBy }) => replacedBy).filter(Boolean)).toEqual([
    { path: 'example.com/fork', version: 'v1.0.1' },
    { path: './d', version: null },
  ]);
});

it('a module graph is the same in whatever order go prints it', () => {
  const turned = (text: string) => text.split('\n').toReversed().join('\n');
  expect(moduleGraph(turned(SELECTED), turned(GRAPH))).toEqual(moduleGraph(SELECTED, GRAPH));
});

const PACKAGES = [
  'example.com/b\t\texample.com/b\tfmt,example.com/b/inner,',
  'example.com/b/inner\t\texample.com/b\tunsafe,',
  'example.com/app/cmd.test\t\texample.com/app\tos,',
  'example.com/app/cmd\t\texample.com/app\texample.com/b,',
  'example.com/app/cmd.test\texample.com/app/cmd\texample.com/app\ttesting,',
  'example.com/check\t\texample.com/check\t',
  'example.com/app/cmd [example.com/app/cmd.test]\texample.com/app/cmd\texample.com/app\texample.com/b,example.com/check,',
  'example.com/app/cmd_test [example.com/app/cmd.test]\texample.com/app/cmd\texample.com/app\texample.com/app/cmd [example.com/app/cmd.test],example.com/b/inner,',
  'example.com/odd.test\t\texample.com/app\texample.com/b,',
].join('\n');

it('a package graph tells imports of tests from others, and has no variants that are compiled for tests', () => {
  const { modules } = moduleGraph(SELECTED, GRAPH);
  const { packages, imports, testImports } = packageGraph(PACKAGES, modules);
  const name = (place: number) => packages[place]?.path.replace('example.com/', '');
  const drawn = (edges: [number, number][]) => edges.map(([a, b]) => `${name(a)} -> ${name(b)}`);
  expect(packages.map(({ path }) => path)).toEqual([
    'example.com/app/cmd',
    'example.com/b',
    'example.com/b/inner',
    'example.com/check',
    'example.com/odd.test',
  ]);
  expect(drawn(imports)).toEqual(['app/cmd -> b', 'b -> b/inner', 'odd.test -> b']);
  expect(drawn(testImports)).toEqual(['app/cmd -> b/inner', 'app/cmd -> check']);
  expect(packages.map(({ module }) => (module === null ? null : modules[module]?.version))).toEqual(
    [null, 'v1.10.0', 'v1.10.0', null, null],
  );
});

const project: ProjectGraph = {
  name: 'app',
  ...moduleGraph(SELECTED, GRAPH),
  packages: [],
  imports: [],
  testImports: [],
};
const graphs = { schema: 1 as const, platform: 'linux/amd64', projects: [project] };

it('graphs come back from their blob, whose bytes are always the same', async () => {
  const blob = graphsBlob(graphs);
  expect(blob.equals(graphsBlob(graphs))).toBe(true);
  expect(await readGraphsBlob(blob, 'the graphs')).toEqual(graphs);
});

it.each([
  ['what is no gzip', Buffer.from('{}')],
  ['a blob that is cut off', graphsBlob(graphs).subarray(0, 60)],
])('%s is refused', async (_, bytes) => {
  await expect(readGraphsBlob(bytes, 'the graphs')).rejects.toMatchObject({
    code: 'bundle_invalid',
  });
});

it('an edge that leads nowhere is refused', () => {
  const wrong = { ...project, requires: [[0, 99] as [number, number]] };
  expect(() => graphsBlob({ ...graphs, projects: [wrong] })).toThrow(/leads nowhere/);
});
