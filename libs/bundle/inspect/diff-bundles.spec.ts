import { expect, it } from 'vitest';
import { diffBundles } from './diff-bundles.ts';
import type { Manifest, Pack } from '../schema.ts';

const H1 = `h1:${'A'.repeat(43)}=`;
const archive = (blob: string) => ({
  blob: blob.repeat(64),
  size: 100,
  unpackedBytes: 1,
  entries: 1,
  tree: blob.repeat(64),
});

function toolchain(version: string, blob: string): Manifest['toolchains'][number] {
  const checked = { source: 'goroot', verified: 'none', h1: null } as const;
  return { version, os: 'linux', arch: 'amd64', ...archive(blob), versionText: '', ...checked };
}

function pack(name: string, modules: string[], projects: Record<string, string> = {}): Pack {
  return {
    name,
    ...archive('a'),
    modules: modules.map((module) => {
      const [path = '', version = ''] = module.split('@');
      return { path, version, h1: H1, goModH1: H1, verified: 'go.sum', licenses: [] };
    }),
    projects: Object.entries(projects).map(([project, blob]) => ({
      name: project,
      module: project,
      go: null,
      workspace: [],
      vendored: false,
      ...archive(blob),
    })),
    also: [],
    sumdb: null,
    graphs: null,
  };
}

function side(
  toolchains: Manifest['toolchains'],
  packs: Pack[],
  blobs: string,
): Parameters<typeof diffBundles>[0] {
  const listed = blobs.split('').map((blob) => ({ sha256: blob.repeat(64), size: 100, path: '' }));
  return {
    digest: 'd'.repeat(64),
    manifest: {
      schema: 1,
      name: 'go',
      toolchains,
      packs,
      releases: [],
      tools: [],
      blobs: listed,
      rehearsal: null,
      unverified: [],
      sbom: null,
    },
  };
}

it('finds no difference between a bundle and itself', () => {
  const same = side([toolchain('1.21.5', 'a')], [pack('default', ['m@v1.0.0'])], 'ab');
  expect(diffBundles(same, same)).toMatchObject({ differences: [], newBlobs: 0, sameBlobs: 2 });
});

it('says of toolchains, modules and projects what became of them', () => {
  const before = side(
    [toolchain('1.21.5', 'a'), toolchain('1.20', 'b')],
    [
      pack('default', ['up@v1.2.3', 'down@v2.0.0', 'gone@v1.0.0', 'two@v1.0.0', 'same@v1.0.0'], {
        api: '1',
        web: '2',
      }),
      pack('old', []),
    ],
    'abc',
  );
  const after = side(
    [toolchain('1.21.5', 'f'), toolchain('1.21.6', 'b')],
    [
      pack(
        'default',
        ['up@v1.10.0', 'down@v1.9.0', 'new@v0.1.0', 'two@v1.1.0', 'two@v1.2.0', 'same@v1.0.0'],
        { api: '1', web: '3' },
      ),
    ],
    'cde',
  );
  const diff = diffBundles(before, after);
  expect(diff).toMatchObject({ newBlobs: 2, newBytes: 200, sameBlobs: 1 });
  expect(
    diff.differences.map(({ kind, name, change, before: from, after: to }) =>
      [kind, name, change, from, to].filter((word) => word !== undefined).join(' '),
    ),
  ).toEqual([
    'toolchain 1.20 linux/amd64 removed',
    'toolchain 1.21.5 linux/amd64 changed',
    'toolchain 1.21.6 linux/amd64 added',
    'module default: down downgraded v2.0.0 v1.9.0',
    'module default: gone removed v1.0.0',
    'module default: new added v0.1.0',
    'module default: two removed v1.0.0',
    'module default: two added v1.1.0',
    'module default: two added v1.2.0',
    'module default: up upgraded v1.2.3 v1.10.0',
    'project default: web changed',
    'pack old removed',
  ]);
});

it('says what became of tools, of checksum databases and of what nothing vouches for', () => {
  const sumdb = (head: string) => ({
    name: 'sum.example',
    key: 'k',
    size: 1,
    head,
    earlier: [],
    except: [],
  });
  const tool = (version: string) => ({ package: 't/cmd', module: 't', version, packs: ['p'] });
  const before = side([], [{ ...pack('p', []), sumdb: sumdb('one') }], 'a');
  const after = side([], [{ ...pack('p', []), sumdb: sumdb('two') }], 'a');
  before.manifest.tools = [tool('v1.9.0')];
  after.manifest.tools = [tool('v1.10.0')];
  after.manifest.unverified = ['m@v1.0.0'];
  expect(diffBundles(before, after).differences).toEqual([
    { kind: 'checksum database', name: 'p: sum.example', change: 'changed' },
    { kind: 'tool', name: 't/cmd', change: 'upgraded', before: 'v1.9.0', after: 'v1.10.0' },
    { kind: 'unverified', name: 'm@v1.0.0', change: 'added' },
  ]);
});
