import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  createWriteStream,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ZipFile } from 'yazl';
import { buildBundle } from '#builder';
import type { GofleetError } from '#errors';
import { openBundle, verifyBundle, type WrittenBundle } from '#bundle';

const folder = mkdtempSync(join(tmpdir(), 'builder-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A GOROOT as go.dev publishes it, but small: [text, executable]. */
const GOROOT: Record<string, [string, boolean]> = {
  VERSION: ['go1.21.5\ntime 2023-11-29T21:21:46Z\n', false],
  'go.env': ['GOPROXY=https://proxy.golang.org,direct\n', false],
  'bin/go': ['ELF', true],
  'pkg/tool/linux_amd64/compile': ['ELF', true],
  'src/go.mod': ['module std\n', false],
  'src/make.bash': ['#!/usr/bin/env bash\n', true],
  'src/fmt/print.go': ['package fmt\n', false],
  'doc/go_spec.html': ['left out', false],
  'test/x.go': ['left out', false],
};

function writeTree(root: string, files: Record<string, [string, boolean]>): void {
  for (const [name, [text, executable]] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text, { mode: executable ? 0o755 : 0o644 });
  }
}

/** What a server answers, by path; and what it was asked for. */
let routes: Map<string, Buffer>;
let asked: string[];
let server: Server;
let origin: string;
beforeAll(async () => {
  server = createServer((request, response) => {
    const path = request.url ?? '';
    asked.push(`${path} ${request.headers.range ?? ''}`.trim());
    const body = routes.get(path);
    const start = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
    response.statusCode = body ? (start > 0 ? 206 : 200) : 404;
    response.end(body?.subarray(start));
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((resolve) => void server.close(resolve)));

/** An address where nobody listens any more. */
async function closedOrigin(): Promise<string> {
  const other = createServer();
  await new Promise<void>((resolve) => void other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as AddressInfo;
  await new Promise((resolve) => void other.close(resolve));
  return `http://127.0.0.1:${port}`;
}

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
let archive: Buffer;
beforeAll(() => {
  writeTree(join(folder, 'dl/go'), GOROOT);
  archive = execFileSync('tar', ['-C', join(folder, 'dl'), '-cz', 'go']);
});

function serveDl(change: object = {}): void {
  const filename = 'go1.21.5.linux-amd64.tar.gz';
  const file = {
    filename,
    os: 'linux',
    arch: 'amd64',
    version: 'go1.21.5',
    sha256: sha256(archive),
    size: archive.length,
    kind: 'archive',
    ...change,
  };
  const index = [{ version: 'go1.21.5', stable: true, files: [file] }];
  routes.set('/dl/?mode=json&include=all', Buffer.from(JSON.stringify(index)));
  routes.set(`/dl/${filename}`, archive);
}

async function serveProxy(): Promise<void> {
  const prefix = 'golang.org/toolchain@v0.0.1-go1.21.5.linux-amd64';
  const zip = new ZipFile();
  for (const [name, [text]] of Object.entries(GOROOT))
    if (!/^(doc|test)\//.test(name))
      zip.addBuffer(Buffer.from(text), `${prefix}/${name.replace('go.mod', '_go.mod')}`);
  zip.end();
  const path = join(folder, 'toolchain.zip');
  await pipeline(zip.outputStream, createWriteStream(path));
  routes.set('/golang.org/toolchain/@v/v0.0.1-go1.21.5.linux-amd64.zip', readFileSync(path));
}

/** A `go` that only knows `go env`, for the Go installed here. */
function fakeGo(goroot: string, version = 'go1.21.5'): string {
  const said = { GOROOT: goroot, GOVERSION: version, GOHOSTOS: 'linux', GOHOSTARCH: 'amd64' };
  const path = join(mkdtempSync(join(folder, 'fake-')), 'go');
  writeFileSync(path, `#!/bin/sh\necho '${JSON.stringify(said)}'\n`, { mode: 0o755 });
  return path;
}

let cache: string;
beforeEach(() => {
  routes = new Map();
  asked = [];
  cache = mkdtempSync(join(folder, 'cache-'));
});

interface Run {
  out?: string;
  go?: string;
  progress?: (event: { message: string }) => void;
}

async function build(yaml: string, run: Run = {}): Promise<WrittenBundle> {
  const file = join(mkdtempSync(join(folder, 'file-')), 'bundle.yaml');
  writeFileSync(file, yaml);
  const out = join(mkdtempSync(join(folder, 'out-')), 'x');
  const env = { PATH: process.env['PATH'], GOPROXY: origin, GOSUMDB: 'off' };
  const options = { file, out, cache, env, go: 'no-such-go', dlUrl: `${origin}/dl/` };
  return buildBundle({ ...options, allowUnverified: true, ...run });
}

const yaml = (source: string, version = '1.21.5'): string =>
  `kind: Bundle\nname: b\ntoolchains:\n  - { version: "${version}", platforms: [linux/amd64] }\nsources: [${source}]\n`;

describe('a toolchain', () => {
  it('is the same tree and the same bytes from every source', async () => {
    serveDl();
    await serveProxy();
    const go = fakeGo(join(folder, 'dl/go'));
    const made = [
      await build(yaml('dl')),
      await build(yaml('proxy')),
      await build(yaml('goroot'), { go }),
    ];
    const toolchains = made.map(({ manifest }) => manifest.toolchains[0]);
    expect(new Set(toolchains.map((each) => each?.blob)).size).toBe(1);
    expect(
      toolchains.map((each) => `${each?.source} ${each?.verified} ${each?.h1?.slice(0, 3)}`),
    ).toEqual(['dl published-sha256 h1:', 'proxy none h1:', 'goroot none h1:']);
    expect(new Set(toolchains.map((each) => each?.h1)).size).toBe(1);
    expect(toolchains[0]).toMatchObject({ versionText: GOROOT['VERSION']?.[0], entries: 7 + 7 });
  });

  it('unpacks as a GOROOT: executables, go.mod under its name, nothing that Go leaves out', async () => {
    await serveProxy();
    const { path, manifest } = await build(yaml('proxy'));
    const blob = manifest.blobs[0]?.path ?? '';
    const listing = execFileSync('tar', ['-tvzf', join(path, blob)]).toString();
    const rows = listing
      .trim()
      .split('\n')
      .map((row) => row.split(/\s+/));
    expect(
      rows
        .filter(([mode]) => !mode?.startsWith('d'))
        .map((row) => `${row[0]} ${row[1]} ${row.at(-1)}`),
    ).toEqual([
      '-rw-r--r-- 0/0 go/VERSION',
      '-rwxr-xr-x 0/0 go/bin/go',
      '-rw-r--r-- 0/0 go/go.env',
      '-rwxr-xr-x 0/0 go/pkg/tool/linux_amd64/compile',
      '-rw-r--r-- 0/0 go/src/fmt/print.go',
      '-rw-r--r-- 0/0 go/src/go.mod',
      '-rwxr-xr-x 0/0 go/src/make.bash',
    ]);
  });

  it('comes from the next source where one has it not', async () => {
    await serveProxy();
    const { manifest } = await build(yaml('dl, proxy'));
    expect(manifest.toolchains[0]?.source).toBe('proxy');
  });

  it('follows the links of a GOROOT that a distribution has spread out', async () => {
    const spread = mkdtempSync(join(folder, 'spread-'));
    for (const name of ['VERSION', 'go.env', 'bin', 'pkg', 'src'])
      symlinkSync(join(folder, 'dl/go', name), join(spread, name));
    symlinkSync(spread, join(spread, 'loop'));
    const one = await build(yaml('goroot'), { go: fakeGo(spread) });
    const two = await build(yaml('goroot'), { go: fakeGo(join(folder, 'dl/go')) });
    expect(one.digest).toBe(two.digest);
  });
});

describe('go.dev/dl', () => {
  it('is downloaded once, and only its rest after a cut', async () => {
    serveDl();
    const partial = join(cache, 'blobs/uploads');
    mkdirSync(partial, { recursive: true });
    writeFileSync(join(partial, sha256(archive)), archive.subarray(0, 100));
    const first = await build(yaml('dl'));
    expect(asked.at(-1)).toBe('/dl/go1.21.5.linux-amd64.tar.gz bytes=100-');
    asked = [];
    expect((await build(yaml('dl'))).digest).toBe(first.digest);
    expect(asked).toEqual([]);
  });

  it('with another hash than published ends the build, whatever other sources there are', async () => {
    serveDl({ sha256: 'a'.repeat(64) });
    await serveProxy();
    await expect(build(yaml('dl, proxy'))).rejects.toMatchObject({ code: 'bundle_invalid' });
  });

  it.each([
    ['no such version', {}, '1.21.6', /no go1.21.6/],
    ['no such platform', { arch: 'arm64' }, '1.21.5', /not published for linux\/amd64/],
    ['no hash', { sha256: '' }, '1.21.5', /no published SHA-256/],
    ['no index', undefined, '1.21.5', /answers no index/],
  ])('%s', async (_, change, version, message) => {
    if (change) serveDl(change);
    const failed = build(yaml('dl', version));
    await expect(failed).rejects.toMatchObject({ code: 'source_unavailable' });
    await expect(failed).rejects.toThrow(message);
  });

  it('that cannot be reached says why', async () => {
    const file = join(mkdtempSync(join(folder, 'file-')), 'bundle.yaml');
    writeFileSync(file, yaml('dl'));
    const options = {
      file,
      out: join(folder, 'never'),
      cache,
      env: {},
      dlUrl: `${await closedOrigin()}/dl/`,
    };
    await expect(buildBundle(options)).rejects.toThrow(/dl: .*ECONNREFUSED/);
    expect(readdirSync(folder)).not.toContain('never');
  });
});

describe('the Go installed here', () => {
  it('is of its own version only', async () => {
    const go = fakeGo(join(folder, 'dl/go'), 'go1.20');
    await expect(build(yaml('goroot'), { go })).rejects.toThrow(
      /goroot: the Go installed here is 1.20 linux\/amd64/,
    );
  });

  it('is named as missing where there is none', async () => {
    await expect(build(yaml('goroot'))).rejects.toMatchObject({ code: 'missing_tool' });
  });
});

const GO_MOD = 'module example.com/p\n\ngo 1.21\n';
const PACK = 'kind: Bundle\nname: b\npacks: [{ name: default, projects: [p] }]\n';

describe('a project', () => {
  const cases: [string, Record<string, string>, string, RegExp][] = [
    ['is not there', {}, 'invalid_file', /projects\[0\]: there is no folder .*\/p$/],
    ['has no go.mod', { 'p/main.go': '' }, 'invalid_file', /has no go.mod/],
    [
      'has a bad go.mod',
      { 'p/go.mod': 'modul x\n' },
      'invalid_file',
      /go.mod line 1: unknown directive/,
    ],
    ['has no go.sum', { 'p/go.mod': `${GO_MOD}require m v1.0.0\n` }, 'invalid_file', /no go.sum/],
    [
      'is a workspace without members',
      { 'p/go.mod': GO_MOD, 'p/go.work': 'go 1.21\n' },
      'invalid_file',
      /p\/go.work has no member/,
    ],
    [
      'has a member that is not there',
      { 'p/go.work': 'go 1.21\nuse ./a\n' },
      'invalid_file',
      /go.work line 2: .\/a has no go.mod/,
    ],
    [
      'has a member outside',
      { 'p/go.work': 'go 1.21\nuse (\n\t../a\n)\n', 'a/go.mod': GO_MOD },
      'invalid_file',
      /go.work line 3: ..\/a lies outside/,
    ],
    [
      'is in a workspace',
      { 'p/go.mod': GO_MOD, 'go.work': '' },
      'invalid_file',
      /lies in the workspace/,
    ],
    [
      'replaces by a folder outside',
      { 'p/go.mod': `${GO_MOD}replace m => ../m\n` },
      'invalid_file',
      /go.mod line 4: replace by \.\.\/m leads outside/,
    ],
    [
      'has a member that replaces by a folder outside',
      {
        'p/go.work': 'go 1.21\nuse ./a\n',
        'p/a/go.mod': `${GO_MOD}replace m => ../../m\n`,
      },
      'invalid_file',
      /a\/go.mod line 4: replace by \.\.\/\.\.\/m leads outside/,
    ],
    ['is there, but no go', { 'p/go.mod': GO_MOD }, 'missing_tool', /no program no-such-go/],
  ];
  it.each(cases)('that %s', async (_, files, code, message) => {
    const base = mkdtempSync(join(folder, 'project-'));
    for (const [name, text] of Object.entries(files)) writeTree(base, { [name]: [text, false] });
    writeFileSync(join(base, 'bundle.yaml'), PACK);
    const options = {
      file: join(base, 'bundle.yaml'),
      out: join(base, 'out'),
      cache,
      env: { PATH: process.env['PATH'] },
      go: 'no-such-go',
    };
    await expect(buildBundle(options)).rejects.toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) }),
    );
    expect(readdirSync(base)).not.toContain('out');
  });
});

describe('a bundle file', () => {
  const cases: [string, string, string, number, RegExp][] = [
    [
      'kind: Bundle\nname: b\ntoolchain: []\n',
      'invalid_file',
      'toolchain',
      3,
      /nearest known: `toolchains`/,
    ],
    ['kind: Bundle\nname: b\n', 'invalid_file', 'toolchains', 1, /neither a toolchain nor a pack/],
    ['kind: Bundle\nname: ../b\n', 'invalid_file', 'name', 2, /at most 64 letters/],
    [
      yaml('dl').replace('"1.21.5"', '1.20'),
      'invalid_file',
      'toolchains[0].version',
      4,
      /put it in quotes/,
    ],
    [yaml('dl', 'go1.21.5'), 'invalid_file', 'toolchains[0].version', 4, /must be a Go version/],
    [
      yaml('dl').replace('linux/amd64', 'windows/amd64'),
      'invalid_file',
      'toolchains[0].platforms[0]',
      4,
      /linux\/ARCH/,
    ],
    [
      yaml('dl').replace('linux/amd64', 'linux/amd64, linux/amd64'),
      'invalid_file',
      'toolchains[0].platforms[1]',
      4,
      /there twice/,
    ],
    [yaml('go.dev'), 'invalid_file', 'sources[0]', 5, /must be one of dl, proxy, goroot/],
    [yaml('"dir:"'), 'invalid_file', 'sources[0]', 5, /must be one of .*dir:PATH/],
    [
      `${yaml('dl')}tools: [ "golang.org/x/tools/gopls" ]\n`,
      'invalid_file',
      'tools[0]',
      6,
      /must be PATH@VERSION/,
    ],
    [`${yaml('dl')}releases: [ {} ]\n`, 'not_supported_yet', 'releases', 6, /only \[\]/],
    [
      PACK.replace('[p] }', '[p], also: [x/...@latest] }'),
      'invalid_file',
      'packs[0].also[0]',
      3,
      /without "..."/,
    ],
    [
      PACK.replace('[p]', '[]'),
      'invalid_file',
      'packs[0].projects',
      3,
      /neither a project nor a module/,
    ],
    [
      PACK.replace('[p]', '[a/p, b/p/]'),
      'invalid_file',
      'packs[0].projects[1]',
      3,
      /two projects are named p/,
    ],
    [`${PACK}packs: []\n`, 'invalid_file', '', 4, /unique/],
  ];
  it.each(cases)('%j is %s at %s, line %d', async (text, code, path, line, message) => {
    const failed = build(text);
    const error = await failed.catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code });
    expect((error as GofleetError).errors[0]).toMatchObject({ path, line });
    await expect(failed).rejects.toThrow(message);
  });

  it('that is not there is named', async () => {
    const options = { file: join(folder, 'gone.yaml'), out: join(folder, 'o'), cache, env: {} };
    await expect(buildBundle(options)).rejects.toMatchObject({ code: 'usage' });
  });
});

describe('a build', () => {
  it('gives the same bytes as folder and file, from a warm cache and a cold one', async () => {
    serveDl();
    const warm = join(folder, 'same.gofleet');
    await build(yaml('dl'), { out: warm });
    const first = readFileSync(warm);
    await build(yaml('dl'), { out: warm });
    expect(readFileSync(warm).equals(first)).toBe(true);
    cache = mkdtempSync(join(folder, 'cold-'));
    const cold = await build(yaml('dl'));
    expect(cold.digest).toBe((await openBundle(warm)).digest);
    expect((await verifyBundle(cold.path)).good).toBe(true);
  });

  it('makes anew what is damaged in its cache', async () => {
    serveDl();
    const first = await build(yaml('dl'));
    const blob = first.manifest.blobs[0]?.sha256 ?? '';
    const place = join(cache, 'blobs/sha256', blob.slice(0, 2), blob);
    chmodSync(place, 0o644);
    writeFileSync(place, 'damaged');
    const again = await build(yaml('dl'));
    expect(again.digest).toBe(first.digest);
    expect((await verifyBundle(again.path)).good).toBe(true);
  });

  it('leaves nothing in its scratch folder, nor what a killed one left', async () => {
    serveDl();
    mkdirSync(join(cache, 'scratch/999999999-left/over'), { recursive: true });
    await build(yaml('dl'));
    expect(readdirSync(join(cache, 'scratch'))).toEqual([]);
  });
});
