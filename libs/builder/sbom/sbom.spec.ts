import { Spec, Validation } from '@cyclonedx/cyclonedx-library';
import type { Graphs, Pack, PackModule, Tool, Toolchain } from '#bundle';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { makeSbom, type SbomSource } from './make-sbom.ts';

const sha256 = (digit: string) => digit.repeat(64);
const archive = { size: 1, unpackedBytes: 1, entries: 1 };

const toolchain: Toolchain = {
  version: '1.21.5',
  os: 'linux',
  arch: 'amd64',
  ...archive,
  blob: sha256('a'),
  tree: sha256('b'),
  versionText: 'go1.21.5\n',
  source: 'dl',
  verified: 'published-sha256',
  h1: null,
};

function module(path: string, version: string, more: Partial<PackModule> = {}): PackModule {
  const h1 = `h1:${Buffer.alloc(32, path).toString('base64')}`;
  return { path, version, h1, goModH1: h1, verified: 'go.sum', licenses: ['MIT'], ...more };
}

const modules = [
  module('example.com/b', 'v1.9.0', { h1: null, licenses: [] }),
  module('example.com/b', 'v1.10.0'),
  module('example.com/C/v2', 'v2.0.0+incompatible', { licenses: ['NOASSERTION'] }),
  module('example.com/fork', 'v1.0.1', { licenses: ['Apache-2.0', 'MIT'] }),
  module('example.com/tool', 'v0.3.0', { licenses: ['NONE'] }),
];

const pack: Pack = {
  name: 'default',
  ...archive,
  blob: sha256('c'),
  tree: sha256('d'),
  modules,
  projects: [
    {
      name: 'app',
      module: 'example.com/app',
      go: '1.21',
      workspace: [],
      vendored: false,
      ...archive,
      blob: sha256('e'),
      tree: sha256('f'),
    },
  ],
  also: [],
  sumdb: null,
  graphs: null,
};

const tool: Tool = {
  package: 'example.com/tool/cmd/it',
  module: 'example.com/tool',
  version: 'v0.3.0',
  packs: ['default'],
};

const node = { selected: true, indirect: false, replacedBy: null };
const graphs: Graphs = {
  schema: 1,
  platform: 'linux/amd64',
  projects: [
    {
      name: 'app',
      modules: [
        { ...node, path: 'example.com/app', version: null },
        { ...node, path: 'example.com/b', version: 'v1.9.0', selected: false },
        { ...node, path: 'example.com/b', version: 'v1.10.0' },
        { ...node, path: 'example.com/C/v2', version: 'v2.0.0+incompatible' },
        {
          ...node,
          path: 'example.com/d',
          version: 'v1.0.0',
          replacedBy: { path: 'example.com/fork', version: 'v1.0.1' },
        },
        {
          ...node,
          path: 'example.com/e',
          version: 'v1.0.0',
          replacedBy: { path: './e', version: null },
        },
      ],
      requires: [
        [0, 1],
        [1, 3],
        [2, 4],
        [0, 5],
        [5, 3],
      ],
      packages: [],
      imports: [],
      testImports: [],
    },
  ],
};

const source: SbomSource = {
  name: 'go-1.21.5',
  toolchains: [toolchain],
  packs: [pack],
  tools: [tool],
  graphs: new Map([['default', graphs]]),
};

/** As far as the tests look into it. */
const Sbom = z.object({
  serialNumber: z.string(),
  components: z.array(
    z.object({
      'bom-ref': z.string(),
      name: z.string(),
      purl: z.string(),
      licenses: z.array(z.object({ license: z.object({ id: z.string() }) })).default([]),
      hashes: z.array(z.object({ alg: z.string(), content: z.string() })).default([]),
      properties: z.array(z.object({ name: z.string(), value: z.string() })).default([]),
    }),
  ),
  dependencies: z.array(z.object({ ref: z.string(), dependsOn: z.array(z.string()).default([]) })),
});

const text = makeSbom(source);
const sbom = Sbom.parse(JSON.parse(text));
const [APP, B, C, FORK] = [
  'project:default/app',
  'pkg:golang/example.com/b@v1.10.0',
  'pkg:golang/example.com/C/v2@v2.0.0+incompatible',
  'pkg:golang/example.com/fork@v1.0.1',
];

function component(ref: string): z.infer<typeof Sbom>['components'][number] | undefined {
  return sbom.components.find((each) => each['bom-ref'] === ref);
}

function needs(ref: string): string[] {
  return sbom.dependencies.find((each) => each.ref === ref)?.dependsOn ?? [];
}

describe('a bill of materials', () => {
  it('is valid by the schema of CycloneDX 1.6, also that of an empty bundle', async () => {
    const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6);
    expect(await validator.validate(text)).toBeNull();
    const empty = makeSbom({ ...source, toolchains: [], packs: [], tools: [], graphs: new Map() });
    expect(await validator.validate(empty)).toBeNull();
    expect(await validator.validate(text.replace('"SHA-256"', '"SHA-255"'))).not.toBeNull();
  });

  it('is the same for the same bundle, and has another serial number for another', () => {
    expect(makeSbom(source)).toBe(text);
    expect(text).not.toContain('timestamp');
    expect(sbom.serialNumber).toMatch(/^urn:uuid:\S{8}-\S{4}-8\S{3}-[89ab]\S{3}-\S{12}$/);
    const other = Sbom.parse(JSON.parse(makeSbom({ ...source, toolchains: [] })));
    expect(other.serialNumber).not.toBe(sbom.serialNumber);
  });

  it('has toolchains, projects, tools and the modules whose zips are carried', () => {
    expect(sbom.components.map((each) => each.purl).sort()).toEqual([
      'pkg:generic/go@1.21.5?arch=amd64&os=linux',
      C,
      'pkg:golang/example.com/app',
      B,
      FORK,
      'pkg:golang/example.com/tool@v0.3.0',
      'pkg:golang/example.com/tool@v0.3.0#cmd/it',
    ]);
  });

  it('says what bytes are: of modules the hash of go.sum, of the rest that of the blob', () => {
    expect(component(B)?.hashes).toEqual([
      { alg: 'SHA-256', content: Buffer.alloc(32, 'example.com/b').toString('hex') },
    ]);
    expect(component(B)?.properties).toContainEqual({
      name: 'gofleet:h1',
      value: modules[1]?.h1,
    });
    expect(component(APP)?.hashes).toEqual([{ alg: 'SHA-256', content: sha256('e') }]);
  });

  it('has licences of SPDX as such, and says which could not be told', () => {
    const ids = (ref: string) => component(ref)?.licenses.map(({ license }) => license.id);
    expect(ids(FORK)).toEqual(['Apache-2.0', 'MIT']);
    expect(ids(C)).toEqual([]);
    expect(component(C)?.properties).toContainEqual({
      name: 'gofleet:licenses',
      value: 'NOASSERTION',
    });
  });

  it('has dependencies in the versions that are built, after replacements; folders belong to their project', () => {
    expect(needs(APP)).toEqual([C, B]);
    expect(needs(B)).toEqual([FORK]);
    expect(needs('tool:example.com/tool/cmd/it@v0.3.0')).toEqual([
      'pkg:golang/example.com/tool@v0.3.0',
    ]);
    expect(needs('bundle')).toEqual([
      'pkg:generic/go@1.21.5?arch=amd64&os=linux',
      APP,
      'tool:example.com/tool/cmd/it@v0.3.0',
    ]);
  });
});
