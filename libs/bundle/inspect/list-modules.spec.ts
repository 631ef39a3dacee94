import { expect, it } from 'vitest';
import type { Graphs } from '../graphs/index.ts';
import { listModules } from './list-modules.ts';
import type { Pack, PackModule, Tool } from '../schema.ts';

const h1 = `h1:${'A'.repeat(43)}=`;

function module(path: string, version: string, zip = true): PackModule {
  const hashes = { h1: zip ? h1 : null, goModH1: h1 };
  return { path, version, ...hashes, verified: 'go.sum', licenses: [] };
}

function pack(name: string, modules: PackModule[], also: string[]): Pack {
  const archive = { blob: 'a'.repeat(64), size: 1, unpackedBytes: 1, entries: 1 };
  const rest = { tree: 'b'.repeat(64), projects: [], sumdb: null, graphs: null };
  return { name, ...archive, modules, also, ...rest };
}

const node = { selected: true, indirect: false, replacedBy: null };
const graphs: Graphs = {
  schema: 1,
  platform: 'linux/amd64',
  projects: [
    {
      name: 'app',
      modules: [
        { ...node, path: 'app', version: null },
        { ...node, path: 'b', version: 'v1.0.0', selected: false },
        { ...node, path: 'b', version: 'v1.1.0' },
        { ...node, path: 'c', version: 'v1.0.0', indirect: true },
        { ...node, path: 'd', version: 'v1.0.0', replacedBy: { path: 'fork', version: 'v1.0.1' } },
        { ...node, path: 'e', version: 'v1.0.0', replacedBy: { path: './e', version: null } },
      ],
      requires: [],
      packages: [],
      imports: [],
      testImports: [],
    },
  ],
};

const tool: Tool = { package: 't/cmd', module: 't', version: 'v1.0.0', packs: ['named'] };

/** `path@version needed by` */
function listed(packs: Pack[], known: [string, Graphs][], tools: Tool[] = []): string[] {
  return listModules({ packs, tools }, new Map(known)).map(({ path, version, needed, by }) =>
    `${path}@${version} ${needed} ${by.join('+')}`.trimEnd(),
  );
}

it('what a project builds with is needed by it, after replacements; the rest is there for versions', () => {
  const modules = [
    module('b', 'v1.0.0', false),
    module('b', 'v1.1.0'),
    module('c', 'v1.0.0'),
    module('fork', 'v1.0.1'),
  ];
  expect(listed([pack('default', modules, [])], [['default', graphs]])).toEqual([
    'b@v1.0.0 versions',
    'b@v1.1.0 direct app',
    'c@v1.0.0 indirect app',
    'fork@v1.0.1 direct app',
  ]);
});

it('what the bundle file names is needed directly, what that needs indirectly', () => {
  const modules = [
    module('a', 'v1.0.0'),
    module('t', 'v1.0.0'),
    module('u', 'v1.0.0'),
    module('v', 'v1.0.0', false),
  ];
  expect(listed([pack('named', modules, ['a@v1.0.0', 't@v1.0.0'])], [], [tool])).toEqual([
    'a@v1.0.0 direct also',
    't@v1.0.0 direct tool t/cmd',
    'u@v1.0.0 indirect',
    'v@v1.0.0 versions',
  ]);
});

it('without graphs nothing is claimed', () => {
  expect(listed([pack('default', [module('b', 'v1.1.0')], [])], [])).toEqual(['b@v1.1.0 null']);
});
