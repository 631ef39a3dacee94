import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Spec, Validation } from '@cyclonedx/cyclonedx-library';
import spdx from 'spdx-license-list/full.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inspectBundle, verifyBundle, type WrittenBundle } from '#bundle';
import { run } from '../cli/run.ts';
import { buildFrom, builderEnv, tidy } from './synthetic/build-packs.ts';
import { offlineGo } from './synthetic/offline-go.ts';
import { publishTo, writeFiles, type Published } from './synthetic/proxy.ts';
import { WORLD } from './synthetic/world.ts';

const scratch = mkdtempSync(join(tmpdir(), 'looked-into-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const proxy = join(scratch, 'proxy');
const env = builderEnv(scratch, proxy);
const api = join(scratch, 'api');

const LICENSED: Published[] = [
  {
    module: 'example.com/licensed@v1.0.0',
    files: {
      'go.mod': 'module example.com/licensed\n\ngo 1.21\n',
      'l.go': 'package licensed\n',
      LICENSE: spdx['MIT']?.licenseText ?? '',
      'third_party/LICENSE-APACHE': spdx['Apache-2.0']?.licenseText ?? '',
    },
  },
  {
    module: 'example.com/cake@v1.0.0',
    files: {
      'go.mod': 'module example.com/cake\n\ngo 1.21\n',
      'c.go': 'package cake\n',
      COPYING: 'Whoever uses this brings a cake.\n',
    },
  },
];

/** A module with a fork in place of one and a folder in place of another; a workspace; a tool. */
const PROJECTS = {
  'api/go.mod': `module example.com/api

go 1.21

require (
	example.com/cake v1.0.0
	example.com/inside v0.0.0
	example.com/licensed v1.0.0
	example.com/mid v1.0.0
)

replace example.com/leaf => example.com/fork v1.0.0

replace example.com/inside => ./inside
`,
  'api/main.go':
    'package main\n\nimport (\n\t_ "example.com/inside"\n\t_ "example.com/licensed"\n\t_ "example.com/mid"\n)\n\nfunc main() {}\n',
  'api/main_test.go': 'package main\n\nimport _ "example.com/cake"\n',
  'api/inside/go.mod': 'module example.com/inside\n\ngo 1.21\n',
  'api/inside/inside.go': 'package inside\n',
  'work/go.work': 'go 1.21\n\nuse (\n\t./a\n\t./b\n)\n',
  'work/a/go.mod': 'module example.com/a\n\ngo 1.21\n\nrequire example.com/leaf v1.1.0\n',
  'work/a/a.go': 'package a\n\nimport _ "example.com/leaf"\n',
  'work/b/go.mod': 'module example.com/b\n\ngo 1.21\n\nrequire example.com/leaf v1.0.0\n',
  'work/b/b.go': 'package b\n\nimport _ "example.com/leaf"\n',
};

const YAML = `packs:
  - { name: default, projects: [api, work] }
  - { name: extra, projects: [api], also: ['example.com/old@v1.0.0'] }
tools: ['example.com/tool/cmd/hello@v1.1.0']
`;

let bundle: WrittenBundle;

beforeAll(async () => {
  await publishTo(proxy, [...WORLD, ...LICENSED]);
  await writeFiles(scratch, PROJECTS);
  await tidy(api, env);
  for (const member of ['a', 'b'])
    await tidy(join(scratch, 'work', member), { ...env, GOWORK: 'off' });
  bundle = await buildFrom(scratch, YAML, { env });
});

async function cli(...words: string[]): Promise<string> {
  const { code, stdout, stderr } = await run([
    'bundle',
    words[0] ?? '',
    bundle.path,
    ...words.slice(1),
  ]);
  expect([code, stderr]).toEqual([0, '']);
  return stdout;
}

/** A copy of the bundle in which something was changed. */
function tampered(change: (folder: string) => void): string {
  const copy = mkdtempSync(join(scratch, 'tampered-'));
  cpSync(bundle.path, copy, { recursive: true });
  change(copy);
  return copy;
}

/** A row as `from --> to`, with names in place of the ids of a flowchart. */
function drawn(mermaid: string): string[] {
  const names = new Map(
    [...mermaid.matchAll(/(n\d+)\["(.+)"\]/g)].map(([, id, label]) => [
      id,
      label?.replace('<br>', '@'),
    ]),
  );
  return [...mermaid.matchAll(/^ {2}(n\d+) (-->|-\.->) (n\d+)$/gm)].map(
    ([, from, arrow, to]) => `${names.get(from)} ${arrow} ${names.get(to)}`,
  );
}

describe('bundle graph', () => {
  it('draws the modules of one project, in the versions that it builds with', async () => {
    expect(drawn(await cli('graph', '--pack', 'default', '--project', 'api'))).toEqual([
      'example.com/api --> example.com/cake@v1.0.0',
      'example.com/api --> example.com/inside@v0.0.0',
      'example.com/api --> example.com/leaf@v1.0.0',
      'example.com/api --> example.com/licensed@v1.0.0',
      'example.com/api --> example.com/mid@v1.0.0',
      'example.com/mid@v1.0.0 --> example.com/leaf@v1.0.0',
      'example.com/mid@v1.0.0 --> example.com/testonly@v1.0.0',
    ]);
  });

  it('draws a workspace, and outvoted versions where they are asked for', async () => {
    const words = ['graph', '--pack', 'default', '--project', 'work'];
    expect(drawn(await cli(...words))).toEqual([
      'example.com/a --> example.com/leaf@v1.1.0',
      'example.com/b --> example.com/leaf@v1.1.0',
    ]);
    expect(drawn(await cli(...words, '--all-versions'))).toContain(
      'example.com/b --> example.com/leaf@v1.0.0',
    );
  });

  it('draws packages, also those that tests alone import', async () => {
    const words = ['graph', '--pack', 'extra', '--packages'];
    expect(drawn(await cli(...words))).toEqual([
      'example.com/api --> example.com/inside',
      'example.com/api --> example.com/licensed',
      'example.com/api --> example.com/mid',
      'example.com/mid --> example.com/leaf',
    ]);
    expect(drawn(await cli(...words, '--tests', '--focus', '*cake'))).toEqual([
      'example.com/api -.-> example.com/cake',
    ]);
  });

  it.each([
    [['--pack', 'none'], 'its packs are: default, extra'],
    [[], 'Name one with --pack: default, extra'],
    [['--pack', 'extra', '--project', 'work'], 'Its projects are: api'],
    [['--pack', 'extra', '--focus', 'nowhere'], 'nothing in the graph is named nowhere'],
    [['--pack', 'extra', '--tests'], '--tests means nothing without --packages'],
  ])('%j says what there is', async (words, said) => {
    const { code, stderr } = await run(['bundle', 'graph', bundle.path, ...words]);
    expect(code).not.toBe(0);
    expect(stderr.toLowerCase()).toContain(said.toLowerCase());
  });

  it('refuses graphs that are not what the manifest says', async () => {
    const blob = bundle.manifest.packs[0]?.graphs?.blob ?? '';
    const path = bundle.manifest.blobs.find(({ sha256 }) => sha256 === blob)?.path ?? '';
    const copy = tampered((folder) =>
      writeFileSync(join(folder, path), readFileSync(join(folder, path)).fill(1, 20, 21)),
    );
    const { code, stderr } = await run(['bundle', 'graph', copy, '--pack', 'default']);
    expect([code, stderr]).toEqual([1, expect.stringContaining('not what the manifest says')]);
  });
});

describe('bundle sbom', () => {
  it('prints what lies beside the manifest: valid, named in the manifest and hashed with it', async () => {
    const text = await cli('sbom');
    expect(text).toBe(readFileSync(join(bundle.path, 'sbom.cdx.json'), 'utf8'));
    const sha256 = createHash('sha256').update(text).digest('hex');
    expect(bundle.manifest.sbom?.sha256).toBe(sha256);
    expect(readFileSync(join(bundle.path, 'SHA256SUMS'), 'utf8')).toContain(sha256);
    const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6);
    expect(await validator.validate(text)).toBeNull();
    for (const ref of [
      'project:default/work',
      'pkg:golang/example.com/fork@v1.0.0',
      'tool:example.com/tool/cmd/hello@v1.1.0',
    ])
      expect(text).toContain(`"bom-ref": "${ref}"`);
  });

  it('is refused where it was changed', async () => {
    const copy = tampered((folder) => {
      const path = join(folder, 'sbom.cdx.json');
      writeFileSync(path, readFileSync(path, 'utf8').replace('"MIT"', '"ISC"'));
    });
    expect((await run(['bundle', 'sbom', copy])).stderr).toContain('is not what its manifest says');
    const { faults } = await verifyBundle(copy);
    expect(faults.map(({ path }) => path)).toEqual(['sbom.cdx.json']);
  });
});

describe('bundle licenses', () => {
  it('tells what each module is under', async () => {
    const rows = (await cli('licenses')).split('\n').map((row) => row.split(/ {2,}/));
    expect(rows).toContainEqual(['Apache-2.0', 'example.com/licensed@v1.0.0']);
    expect(rows).toContainEqual(['MIT', 'example.com/licensed@v1.0.0']);
    expect(rows).toContainEqual(['NOASSERTION', 'example.com/cake@v1.0.0']);
    expect(rows).toContainEqual(['NONE', 'example.com/mid@v1.0.0']);
  });

  it.each([
    ['GPL-*,AGPL-3.0-only', 0, ''],
    ['apache-2.0', 1, 'forbidden: Apache-2.0, in 1 module: example.com/licensed@v1.0.0'],
    ['NOASSERTION', 1, 'forbidden: NOASSERTION, in 1 module: example.com/cake@v1.0.0'],
    ['m*t', 1, 'forbidden: MIT'],
  ])('--forbid %s ends with %i', async (forbid, exit, said) => {
    const { code, stdout } = await run(['bundle', 'licenses', bundle.path, '--forbid', forbid]);
    expect(code).toBe(exit);
    expect(stdout).toContain(said);
  });

  it('a licence that nobody knows is no rule', async () => {
    const { code, stderr } = await run(['bundle', 'licenses', bundle.path, '--forbid', 'GPL3']);
    expect([code, stderr]).toEqual([2, expect.stringContaining('Did you mean GPL-3.0')]);
  });
});

describe('bundle list', () => {
  it('says who needs a module, and whether directly', async () => {
    const rows = (await cli('list', '--format', 'csv')).trimEnd().split('\r\n');
    expect(rows[0]).toBe('pack,module,version,needed,by,license,checked against,hash');
    const cells = rows.map((row) => row.split(',').slice(0, 5).join(' '));
    expect(cells).toContain('default example.com/mid v1.0.0 direct api');
    expect(cells).toContain('default example.com/fork v1.0.0 indirect api');
    expect(cells).toContain('default example.com/leaf v1.1.0 direct work');
    expect(cells).toContain(
      'default example.com/tool v1.1.0 direct tool example.com/tool/cmd/hello',
    );
    expect(cells).toContain('extra example.com/old v1.0.0 direct also');
  });
});

describe('bundle export', () => {
  it('writes a tree that go builds from', async () => {
    const out = join(scratch, 'tree');
    expect(await cli('export', '--format', 'goproxy', '--pack', 'default', '-o', out)).toContain(
      `GOPROXY=file://${out}\nGOSUMDB=off`,
    );
    offlineGo(scratch, out).run(
      'go build -o /dev/null ./... && go vet ./... && go mod verify',
      api,
    );
    const again = await run(['bundle', 'export', bundle.path, '--pack', 'default', '-o', out]);
    expect([again.code, again.stderr]).toEqual([2, expect.stringContaining('not empty')]);
  });

  it.each([
    ['cut off', (bytes: Buffer) => bytes.subarray(0, -100)],
    ['changed', (bytes: Buffer) => Buffer.from(bytes).fill(0, 400, 404)],
    ['made longer', (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc(1)])],
  ])('leaves nothing of a pack that was %s', async (_, change) => {
    const blob = bundle.manifest.packs[0]?.blob ?? '';
    const path = bundle.manifest.blobs.find(({ sha256 }) => sha256 === blob)?.path ?? '';
    const copy = tampered((folder) =>
      writeFileSync(join(folder, path), change(readFileSync(join(folder, path)))),
    );
    const out = mkdtempSync(join(scratch, 'none-'));
    rmSync(out, { recursive: true });
    const { code, stderr } = await run(['bundle', 'export', copy, '--pack', 'default', '-o', out]);
    expect([code, stderr]).toEqual([1, expect.stringContaining('cannot be exported')]);
    expect(existsSync(out)).toBe(false);
  });
});

it('bundle inspect shows what else is carried', async () => {
  const text = await cli('inspect');
  expect(text).toContain('tools: example.com/tool/cmd/hello@v1.1.0');
  expect(text).toContain('example.com/old@v1.0.0');
  expect(text).toContain('work (workspace of 2)');
  expect(text).toContain(
    'has a bill of materials (bundle sbom) and dependency graphs (bundle graph)',
  );
  const { packs, sbom } = await inspectBundle(bundle.path);
  expect(packs[1]).toMatchObject({ graphs: true, sumdb: null });
  expect(sbom?.size).toBe(bundle.manifest.sbom?.size);
});

it('graphs and bill are the same when they are made anew', async () => {
  const again = await buildFrom(scratch, YAML, { env, cache: join(scratch, 'other-cache') });
  expect(again.digest).toBe(bundle.digest);
});
