import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { WrittenBundle } from '#bundle';
import { builderEnv, buildFrom, tidy, unpackOn, type HostPack } from './synthetic/build-packs.ts';
import { publishTo, writeFiles, type Files } from './synthetic/proxy.ts';
import { WORLD } from './synthetic/world.ts';

const scratch = mkdtempSync(join(tmpdir(), 'shapes-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const proxy = join(scratch, 'proxy');
const env = builderEnv(scratch, proxy);

/** A project of one kind; what is more than the usual questions is asked by `also`. */
interface Shape {
  files: Files;
  /** Modules to be tidied by their author, from the project's folder; its own unless said otherwise. */
  authored?: string[];
  /** What its author does besides. */
  prepare?: string;
  /** Asked on the host besides what is asked everywhere. */
  also?: string;
  /** GOFLAGS for all that is asked everywhere. */
  flags?: string;
  /** Of the modules in its pack, some that have to be there as they are; `mod` where only the go.mod is needed. */
  has?: string[];
  /** Its packages, where tidy changes or refuses it with a network too. */
  untidy?: string;
}

const mod = (rows: string, go = '1.21'): string => `module example.com/p\n\ngo ${go}\n\n${rows}\n`;
const importing = (...paths: string[]): string =>
  `package p\n\n${paths.map((path) => `import _ "example.com/${path}"\n`).join('')}`;

const SHAPES: Record<string, Shape> = {
  'one-module': {
    files: { 'go.mod': mod('require example.com/mid v1.0.0'), 'p.go': importing('mid') },
    has: ['example.com/testonly@v1.0.0', 'example.com/leaf@v1.0.0'],
  },
  'before-pruning': {
    files: {
      'go.mod': mod('require example.com/deep v1.0.0', '1.15'),
      'p.go': importing('deep'),
    },
    has: ['example.com/deeper@v1.0.0', 'example.com/ancient@v1.1.0', 'example.com/old@v1.0.0'],
  },
  'no-go-line': {
    files: {
      'go.mod': mod('require example.com/deep v1.0.0', '1.16'),
      'p.go': importing('deep'),
    },
    prepare: 'sed -i "/^go /d" go.mod',
    untidy: './...',
    has: ['example.com/deeper@v1.0.0'],
  },
  'go-1.17': {
    files: {
      'go.mod': mod('require example.com/pruned v1.0.0', '1.17'),
      'p.go': importing('pruned'),
    },
    has: ['example.com/hidden@v1.0.0', 'example.com/deeper@v1.0.0'],
  },
  'odd-paths': {
    files: {
      'go.mod': mod(
        'require (\nexample.com/old v2.0.0+incompatible\nexample.com/Upper/Case v1.0.0\nexample.com/major v1.3.0\nexample.com/major/v2 v2.3.0\nexample.com/commit v0.0.0-20240101000000-abcdefabcdef\n)',
      ),
      'p.go': importing('old', 'Upper/Case', 'major', 'major/v2', 'commit'),
    },
    has: ['example.com/old@v2.0.0+incompatible', 'example.com/major/v2@v2.3.0'],
  },
  replaced: {
    files: {
      'go.mod': mod(
        'require (\nexample.com/leaf v1.0.0\nexample.com/inner v0.0.0\n)\nreplace example.com/leaf => example.com/fork v1.0.0\nreplace example.com/inner => ./inner',
      ),
      'p.go': importing('leaf', 'inner'),
      'inner/go.mod': 'module example.com/inner\n\ngo 1.21\n\nrequire example.com/arm v1.0.0\n',
      'inner/inner.go': 'package inner\n\nimport _ "example.com/arm"\n',
    },
    has: ['example.com/fork@v1.0.0', 'example.com/arm@v1.0.0'],
  },
  'excluded-and-retracted': {
    files: {
      'go.mod': mod(
        'require example.com/leaf v1.1.0\nexclude example.com/leaf v1.0.0\nretract v0.9.0',
      ),
      'p.go': importing('leaf'),
    },
    has: ['example.com/leaf@v1.1.0'],
  },
  'tool-lines': {
    files: {
      'go.mod': mod('require example.com/tool v1.0.0\ntool example.com/tool/cmd/hello', '1.24'),
      'p.go': 'package p\n',
    },
    also: 'go tool hello 2>&1 | grep "v1.0.0 v1.0.0"',
    has: ['example.com/tool@v1.0.0', 'example.com/mid@v1.0.0'],
  },
  'tools.go': {
    files: {
      'go.mod': mod('require example.com/tool v1.0.0'),
      'p.go': 'package p\n',
      'tools.go': '//go:build tools\n\npackage p\n\nimport _ "example.com/tool/cmd/hello"\n',
    },
    also: 'go run example.com/tool/cmd/hello 2>&1 | grep "v1.0.0 v1.0.0"',
    has: ['example.com/tool@v1.0.0'],
  },
  vendored: {
    files: { 'go.mod': mod('require example.com/mid v1.0.0'), 'p.go': importing('mid') },
    prepare: 'go mod vendor',
    also: 'unset GOFLAGS; go build ./... && rm -r vendor && go mod vendor && go vet ./...',
    flags: '-mod=readonly',
    has: ['example.com/testonly@v1.0.0'],
  },
  'tags-and-cgo': {
    files: {
      'go.mod': mod('require (\nexample.com/arm v1.0.0\nexample.com/leaf v1.0.0\n)'),
      'p.go': 'package p\n',
      'p_arm64.go': importing('arm'),
      'c.go': 'package p\n\nimport "C"\n\nimport _ "example.com/leaf"\n',
      'special.go': `//go:build special\n\n${importing('leaf')}`,
    },
    also: 'GOARCH=arm64 go list -deps ./... | grep arm && CGO_ENABLED=0 go vet -tags special ./...',
    has: ['example.com/arm@v1.0.0'],
  },
  cyclic: {
    files: {
      'go.mod': 'module example.com/round\n\ngo 1.21\n\nrequire example.com/cycle v1.0.0\n',
      'p.go': 'package round\n\nimport _ "example.com/cycle"\n',
    },
    has: ['example.com/round@v0.1.0 mod'],
  },
  workspace: {
    files: {
      'go.work':
        'go 1.21\n\nuse (\n\t./api\n\t./lib/\n)\n\nreplace example.com/testonly => ./testonly\n',
      'api/go.mod':
        'module example.com/ws/api\n\ngo 1.21\n\nrequire example.com/mid v1.0.0\nrequire example.com/leaf v1.0.0 // indirect\n',
      'api/api.go': 'package api\n\nimport (\n\t_ "example.com/mid"\n\t_ "example.com/ws/lib"\n)\n',
      'lib/go.mod': 'module example.com/ws/lib\n\ngo 1.21\n\nrequire example.com/leaf v1.1.0\n',
      'lib/lib.go': 'package lib\n\nimport _ "example.com/leaf"\n',
      'testonly/go.mod': 'module example.com/testonly\n\ngo 1.21\n',
      'testonly/t.go': 'package testonly\n\nfunc Check() {}\n',
    },
    authored: ['lib'],
    prepare: 'go build ./api ./lib && go mod download all',
    also: '(cd lib && go mod tidy) && GOWORK=off GOFLAGS=-mod=mod go -C api list -m all',
    has: ['example.com/leaf@v1.0.0', 'example.com/leaf@v1.1.0'],
    untidy: './api/... ./lib/...',
  },
};

/** What has to work everywhere, for some packages of a project. */
const asked = (packages: string): string =>
  `go list -m all && go mod graph && go mod verify && go build ${packages} && go vet ${packages} && go mod download all`;
/** Without a change: that comes first, as `go mod download all` adds to go.sum. */
const TIDY =
  'touch go.sum && cp go.mod go.sum .. && go mod tidy && cmp go.mod ../go.mod && cmp go.sum ../go.sum';

let bundle: WrittenBundle;
beforeAll(async () => {
  await publishTo(proxy, WORLD);
  for (const [name, { files, authored = ['.'], prepare }] of Object.entries(SHAPES)) {
    const folder = join(scratch, name);
    await writeFiles(folder, files);
    for (const each of authored) await tidy(join(folder, each), { ...env, GOWORK: 'off' });
    if (prepare) execFileSync('sh', ['-ec', prepare], { cwd: folder, env, stdio: 'pipe' });
  }
  const packs = Object.keys(SHAPES).map((name) => `  - { name: ${name}, projects: [${name}] }\n`);
  bundle = await buildFrom(scratch, `packs:\n${packs.join('')}`, { env });
});

it.for(Object.keys(SHAPES))('a project with the shape %s builds from its pack alone', (name) => {
  const host = unpackOn(scratch, bundle, name);
  const { also, has = [], flags = '', untidy } = SHAPES[name] ?? {};
  expect(modulesOf(host)).toEqual(expect.arrayContaining(has));
  const scripts = untidy ? [asked(untidy)] : [TIDY, asked('all')];
  host.run([`export GOFLAGS=${flags}`, ...scripts, also ?? 'true'].join(' && '), name);
});

function modulesOf({ pack }: HostPack): string[] {
  return pack.modules.map(({ path, version, h1 }) => `${path}@${version}${h1 ? '' : ' mod'}`);
}

it('the manifest says which are workspaces and which bring their modules along', () => {
  const projects = bundle.manifest.packs.flatMap((pack) => pack.projects);
  const marked = projects.filter(({ workspace, vendored }) => vendored || workspace.length > 0);
  expect(marked).toMatchObject([
    { name: 'vendored', vendored: true, workspace: [] },
    { name: 'workspace', vendored: false, workspace: ['api', 'lib'], module: 'example.com/ws/api' },
  ]);
});
