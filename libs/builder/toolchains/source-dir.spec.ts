import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  createWriteStream,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ZipFile } from 'yazl';
import { buildBundle, type BuildOptions } from '#builder';
import type { Toolchain } from '#bundle';
import { hashGoMod, hashZip } from '#gomod';
import { startStandIn, type StandIn } from '../../../test/sumdb/stand-in.ts';

const folder = mkdtempSync(join(tmpdir(), 'source-dir-'));
afterAll(() => rmSync(folder, { recursive: true }));

const NAME = 'go1.21.5.linux-amd64.tar.gz';
const MODULE = 'golang.org/toolchain';
const VERSION = 'v0.0.1-go1.21.5.linux-amd64';

/** A GOROOT as it is released, but small. */
const GOROOT: Record<string, string> = {
  VERSION: 'go1.21.5\ntime 2023-11-29T21:21:46Z\n',
  'bin/go': '#!/bin/sh\necho go\n',
  'pkg/tool/linux_amd64/compile': 'ELF',
  'src/go.mod': 'module std\n',
  'src/cmd/go.mod': 'module cmd\n',
  'src/fmt/print.go': 'package fmt\n',
  'doc/go_spec.html': 'left out',
  'test/x.go': 'left out',
};

let archive: Buffer;
let zip: Buffer;
beforeAll(async () => {
  for (const [name, text] of Object.entries(GOROOT)) {
    mkdirSync(dirname(join(folder, 'made/go', name)), { recursive: true });
    writeFileSync(join(folder, 'made/go', name), text);
  }
  archive = execFileSync('tar', ['-C', join(folder, 'made'), '-cz', 'go']);
  const module = new ZipFile();
  for (const [name, text] of Object.entries(GOROOT))
    if (!/^(doc|test)\//.test(name))
      module.addBuffer(
        Buffer.from(text),
        `${MODULE}@${VERSION}/${name.replace('go.mod', '_go.mod')}`,
      );
  module.end();
  await pipeline(module.outputStream, createWriteStream(join(folder, 'module.zip')));
  zip = readFileSync(join(folder, 'module.zip'));
});

/** The folder of the bundle file, with a folder of downloads beside it. */
let place: string;
let downloads: string;
beforeEach(() => {
  place = mkdtempSync(join(folder, 'place-'));
  downloads = join(place, 'downloads');
  mkdirSync(downloads);
});

function put(name: string, bytes: string | Buffer): void {
  mkdirSync(dirname(join(downloads, name)), { recursive: true });
  writeFileSync(join(downloads, name), bytes);
}

async function build(options: Partial<BuildOptions> = {}, source = 'dir:downloads') {
  const yaml = `kind: Bundle\nname: b\ntoolchains:\n  - { version: "1.21.5", platforms: [linux/amd64] }\n`;
  writeFileSync(join(place, 'bundle.yaml'), `${yaml}sources: ["${source}"]\n`);
  const { manifest } = await buildBundle({
    file: join(place, 'bundle.yaml'),
    out: join(place, 'out'),
    cache: join(place, 'cache'),
    env: { GOSUMDB: 'off', GOPROXY: 'off' },
    go: 'no-such-go',
    ...options,
  });
  const [toolchain] = manifest.toolchains;
  if (!toolchain) throw new Error('no toolchain');
  return toolchain;
}

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
const other = 'a'.repeat(64);

/** The index of go.dev/dl, as a browser saves it. */
const index = (hash: string): string =>
  JSON.stringify([
    {
      version: 'go1.21.5',
      stable: true,
      files: [
        { filename: NAME, os: 'linux', arch: 'amd64', sha256: hash, size: 9, kind: 'archive' },
      ],
    },
  ]);

describe('an archive in a folder', () => {
  const published: [string, string, (hash: string) => string][] = [
    ['its hash alone', `${NAME}.sha256`, (hash) => hash],
    ['its line of sha256sum', `${NAME}.sha256`, (hash) => `${hash.toUpperCase()}  ${NAME}\n`],
    ['a list', 'SHA256SUMS', (hash) => `${other}  other.tar.gz\r\n${hash} *./${NAME}\r\n`],
    ['a list as BSD writes it', 'SHA256SUMS', (hash) => `SHA256 (${NAME}) = ${hash}\n`],
    ['the index of go.dev', 'dl.json', index],
  ];

  it.each(published)('is verified by %s', async (_, file, text) => {
    put(NAME, archive);
    put(file, text(sha256(archive)));
    expect(await build()).toMatchObject({ source: 'dir', verified: 'published-sha256' });
  });

  it.each(published)('ends the build where %s is that of another', async (_, file, text) => {
    put(NAME, archive);
    put(file, text(other));
    const failed = build({ allowUnverified: true });
    await expect(failed).rejects.toMatchObject({ code: 'bundle_invalid' });
    await expect(failed).rejects.toThrow(`${join(downloads, file)} says ${other}`);
  });

  it('ends the build where two files disagree about it', async () => {
    put(NAME, archive);
    put(`${NAME}.sha256`, sha256(archive));
    put('SHA256SUMS', `${other}  ${NAME}\n`);
    await expect(build()).rejects.toThrow(/two files say different things of go1.21.5/);
  });

  it.each([
    [`${NAME}.sha256`, 'not found', /has no SHA-256 of go1.21.5/],
    ['dl.json', '<html>', /has no index of go.dev/],
  ])('is not taken beside a %s that is none', async (file, text, message) => {
    put(NAME, archive);
    put(file, text);
    const failed = build({ allowUnverified: true });
    await expect(failed).rejects.toMatchObject({ code: 'invalid_file' });
    await expect(failed).rejects.toThrow(message);
  });

  it('that nothing vouches for is refused, or taken and named', async () => {
    put(NAME, archive);
    await expect(build()).rejects.toMatchObject({ code: 'unverified' });
    expect(await build({ allowUnverified: true })).toMatchObject({ verified: 'none' });
  });

  it('that was exchanged since is looked at again', async () => {
    put(NAME, archive);
    put(`${NAME}.sha256`, sha256(archive));
    await build();
    put(NAME, zip);
    await expect(build()).rejects.toMatchObject({ code: 'bundle_invalid' });
  });

  it.each(['cut short', 'with a link out of it'])('%s is named as unsound', async (what) => {
    const made = mkdtempSync(join(folder, 'bad-'));
    execFileSync('cp', ['-r', join(folder, 'made/go'), made]);
    if (what !== 'cut short') symlinkSync('/etc/hostname', join(made, 'go/src/name.go'));
    const bytes = execFileSync('tar', ['-C', made, '-cz', 'go']);
    put(NAME, what === 'cut short' ? bytes.subarray(0, 300) : bytes);
    const failed = build({ allowUnverified: true });
    await expect(failed).rejects.toMatchObject({ code: 'bundle_invalid' });
    await expect(failed).rejects.toThrow(/is no sound archive of Go/);
  });
});

describe('a folder', () => {
  it.each(['', `${MODULE}/@v/`, `cache/download/${MODULE}/@v/`])(
    'may have the toolchain module under %j: the same tree, and the same h1 as of the archive',
    async (below) => {
      put(`${below}${VERSION}.zip`, zip);
      const one = await build({ allowUnverified: true });
      put(NAME, archive);
      const two = await build({ allowUnverified: true });
      const h1 = await hashZip(join(folder, 'module.zip'));
      expect([one.tree, one.h1]).toEqual([two.tree, h1]);
      expect(two.h1).toBe(h1);
    },
  );

  it('without it is named, and one that is not there', async () => {
    await expect(build()).rejects.toThrow(`dir: there is no ${NAME} in ${downloads}`);
    await expect(build({}, 'dir:elsewhere')).rejects.toMatchObject({ code: 'invalid_file' });
  });
});

describe('the checksum database', () => {
  let database: StandIn;
  let env: Record<string, string>;
  beforeAll(async () => {
    database = await startStandIn();
    const goMod = join(folder, 'go.mod');
    writeFileSync(goMod, `module ${MODULE}\n`);
    const [h1, goModH1] = [await hashZip(join(folder, 'module.zip')), await hashGoMod(goMod)];
    database.grow(5);
    database.record([{ path: MODULE, version: VERSION, h1, goModH1 }]);
    database.grow(5);
    env = { GOSUMDB: database.gosumdb, GOPROXY: 'off' };
  });
  afterAll(() => database[Symbol.asyncDispose]());

  /** A `go` that only knows `go env`. */
  function fakeGo(goroot: string): string {
    const said = { GOROOT: goroot, GOVERSION: 'go1.21.5', GOHOSTOS: 'linux', GOHOSTARCH: 'amd64' };
    const path = join(place, 'go');
    const all = JSON.stringify({ ...said, ...env, GONOSUMDB: '' });
    writeFileSync(path, `#!/bin/sh\necho '${all}'\n`, { mode: 0o755 });
    return path;
  }

  it('vouches for an archive that nothing else vouches for, and for the Go installed here', async () => {
    put(NAME, archive);
    expect(await build({ env })).toMatchObject({ source: 'dir', verified: 'checksum-database' });
    const go = fakeGo(join(folder, 'made/go'));
    const installed: Toolchain = await build({ env, go }, 'goroot');
    expect(installed).toMatchObject({ source: 'goroot', verified: 'checksum-database' });
  });

  it('ends the build where an archive is not what was released, whatever was published with it', async () => {
    const made = mkdtempSync(join(folder, 'forged-'));
    execFileSync('cp', ['-r', join(folder, 'made/go'), made]);
    appendFileSync(join(made, 'go/src/fmt/print.go'), 'func init() { steal() }\n');
    const forged = execFileSync('tar', ['-C', made, '-cz', 'go']);
    put(NAME, forged);
    put(`${NAME}.sha256`, sha256(forged));
    const failed = build({ env, allowUnverified: true });
    await expect(failed).rejects.toMatchObject({ code: 'bundle_invalid' });
    await expect(failed).rejects.toThrow(/SECURITY.*golang.org\/toolchain/);
  });

  it('leaves a Go that somebody has built here unverified', async () => {
    const own = mkdtempSync(join(folder, 'own-'));
    execFileSync('cp', ['-r', join(folder, 'made/go'), own]);
    appendFileSync(join(own, 'go/bin/go'), '# patched\n');
    const go = fakeGo(join(own, 'go'));
    const made = await build({ env, go, allowUnverified: true }, 'goroot');
    expect(made).toMatchObject({ verified: 'none' });
  });
});
