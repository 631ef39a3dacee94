import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { pack as tarPack, type Header } from 'tar-stream';
import { afterAll, describe, expect, it } from 'vitest';
import { ZipFile } from 'yazl';
import {
  treeDigest,
  verifyBundle,
  writeArchive,
  writeBundle,
  type Archive,
  type ArchiveEntry,
  type PackModule,
} from '#bundle';
import { formatLookup, hash1, newSignerKey, parseSignerKey, signHead } from '#gomod';

const folder = mkdtempSync(join(tmpdir(), 'deep-'));
afterAll(() => rmSync(folder, { recursive: true }));

type Entry = Partial<Header> & { name: string; text?: string };

/** An archive that somebody else wrote, and what the manifest would say of a sound one of its size. */
async function foreign(entries: Entry[], change: Partial<Archive> = {}): Promise<Archive> {
  const tar = tarPack();
  for (const { text = '', ...header } of entries) tar.entry({ mode: 0o644, ...header }, text);
  tar.finalize();
  return stored(gzipSync(await buffer(tar)), {
    entries: entries.length,
    unpackedBytes: entries.reduce((sum, { text = '' }) => sum + text.length, 0),
    ...change,
  });
}

const paths = new Map<string, string>();

function stored(bytes: Buffer, facts: Partial<Archive> = {}): Archive {
  const blob = createHash('sha256').update(bytes).digest('hex');
  paths.set(blob, join(folder, blob));
  writeFileSync(join(folder, blob), bytes);
  const tree = treeDigest([]);
  return { blob, size: bytes.length, unpackedBytes: 0, entries: 0, tree, ...facts };
}

async function ours(files: Record<string, string | Buffer>): Promise<Archive> {
  const out = join(mkdtempSync(join(folder, 'archive-')), 'a');
  const entries = Object.entries(files).map(([path, text]): ArchiveEntry => {
    const bytes = Buffer.from(text);
    const read = () => Readable.from(bytes.length > 0 ? [bytes] : []);
    return { path, kind: 'file', executable: false, size: bytes.length, read };
  });
  const archive = await writeArchive(entries, out, 1);
  paths.set(archive.blob, out);
  return archive;
}

type Content = Partial<Parameters<typeof writeBundle>[0]>;

/** What `verify` finds with hashes alone, and what it finds inside. */
async function faultsIn(content: Content): Promise<string[]> {
  const out = join(mkdtempSync(join(folder, 'bundle-')), 'b');
  const whole = { name: 'b', toolchains: [], packs: [], rehearsal: null, ...content };
  await writeBundle(whole, (sha256) => paths.get(sha256) ?? '', out);
  expect((await verifyBundle(out)).faults).toEqual([]);
  const { faults } = await verifyBundle(out, { deep: true });
  expect(faults.every(({ problem }) => problem === 'contents')).toBe(true);
  return faults.map(({ message }) => message);
}

const FILES = { 'go/VERSION': 'go1.21.5\n', 'go/bin/go': '#!/bin/sh\n' };

function toolchain(archive: Archive): Content {
  const facts = { version: '1.21.5', os: 'linux', arch: 'amd64', versionText: 'go1.21.5\n' };
  const source = { source: 'goroot', verified: 'none', h1: null } as const;
  return { toolchains: [{ ...facts, ...archive, ...source }] };
}

describe('a toolchain', () => {
  it('that is what the manifest says is good', async () => {
    expect(await faultsIn(toolchain(await ours(FILES)))).toEqual([]);
  });

  it.each<[string, Partial<Archive>, string]>([
    ['more files', { entries: 3 }, 'cannot be unpacked: has more than 3 entries'],
    ['fewer files', { entries: 5 }, 'has 4 entries and should have 5'],
    [
      'more bytes, as bombs have',
      { unpackedBytes: 5 },
      'cannot be unpacked: has more than 5 bytes',
    ],
    ['fewer bytes', { unpackedBytes: 100 }, 'has 19 bytes in files and should have 100'],
    ['another tree', { tree: 'a'.repeat(64) }, 'its tree is not that of the manifest'],
  ])('with %s than the manifest says is not', async (_, change, message) => {
    expect(await faultsIn(toolchain({ ...(await ours(FILES)), ...change }))).toEqual([message]);
  });

  it('is looked into by a thread of its own where it is large', async () => {
    const noise = randomBytes(2_000_000);
    const archive = await ours({ ...FILES, 'go/VERSION': 'go1.21.4\n', 'go/noise': noise });
    expect(await faultsIn(toolchain({ ...archive, entries: 9 }))).toEqual([
      'has 5 entries and should have 9',
      'go/VERSION says "go1.21.4\\n", and the manifest "go1.21.5\\n"',
    ]);
  });

  it('of another version is not', async () => {
    const archive = await ours({ ...FILES, 'go/VERSION': 'go1.21.4\n' });
    expect(await faultsIn(toolchain(archive))).toEqual([
      'go/VERSION says "go1.21.4\\n", and the manifest "go1.21.5\\n"',
    ]);
  });

  const GO: Entry = { name: 'go', type: 'directory', mode: 0o755 };
  it.each<[string, Entry[], RegExp]>([
    [
      'a hard link',
      [GO, { name: 'go/x', type: 'link', linkname: 'go/y' }],
      /"go\/x" is a hard link/,
    ],
    ['a device file', [GO, { name: 'go/x', type: 'block-device' }], /"go\/x" is a device file/],
    ['a name that leads out', [GO, { name: 'go/../../x' }], /leads out/],
    ['an absolute name', [GO, { name: '/go/x' }], /leads out/],
    ['a file beside its folder', [GO, { name: 'other' }], /"other" is not below go\//],
    ['one name twice', [GO, { name: 'go/x' }, { name: 'go/x' }], /"go\/x" is there twice/],
    [
      'a link that leads out',
      [GO, { name: 'go/x', type: 'symlink', linkname: '../../x' }],
      /a link to "\.\.\/\.\.\/x", outside/,
    ],
    [
      'a link to the root',
      [GO, { name: 'go/x', type: 'symlink', linkname: '/etc' }],
      /a link to "\/etc", outside/,
    ],
    [
      'a file behind a link',
      [GO, { name: 'go/x', type: 'symlink', linkname: 'y' }, { name: 'go/x/y' }],
      /in no folder/,
    ],
    ['a file that becomes another user', [GO, { name: 'go/x', mode: 0o4755 }], /has the mode 4755/],
    ['a folder for all', [{ ...GO, mode: 0o777 }], /has the mode 777/],
  ])('with %s is not', async (_, entries, why) => {
    const found = await faultsIn(toolchain(await foreign(entries)));
    expect(found[0]).toMatch(why);
  });

  it.each<[string, (bytes: Buffer) => Buffer]>([
    ['cut off', (bytes) => bytes.subarray(0, -20)],
    ['no gzip', () => Buffer.from('something else')],
    ['empty', () => Buffer.alloc(0)],
  ])('that is %s is not', async (_, damage) => {
    const whole = gzipSync(Buffer.alloc(10_000));
    expect((await faultsIn(toolchain(stored(damage(whole)))))[0]).toMatch(/cannot be unpacked/);
  });
});

const GO_MOD = 'module example.com/M\n';
const BASE = 'modules/example.com/!m/@v/v1.0.0';
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const GO_MOD_H1 = hash1([{ name: 'go.mod', sha256: sha256(GO_MOD) }]);

async function zipped(goMod = GO_MOD): Promise<{ zip: Buffer; h1: string }> {
  const zip = new ZipFile();
  zip.addBuffer(Buffer.from(goMod), 'example.com/M@v1.0.0/go.mod');
  zip.end();
  const h1 = hash1([{ name: 'example.com/M@v1.0.0/go.mod', sha256: sha256(goMod) }]);
  return { zip: await buffer(zip.outputStream), h1 };
}

type Files = Record<string, string | Buffer>;
interface PackOptions {
  change?: (files: Files) => void;
  module?: Partial<PackModule>;
  sumdb?: { lookup: string; tile: Buffer; head: string; key: string };
}

async function pack({ change, module, sumdb }: PackOptions): Promise<Content> {
  const { zip, h1 } = await zipped();
  const files: Files = {
    [`${BASE}.mod`]: GO_MOD,
    [`${BASE}.info`]: '{"Version":"v1.0.0"}\n',
    [`${BASE}.zip`]: zip,
    'modules/example.com/!m/@v/list': 'v1.0.0\n',
    'modules/example.com/!m/@latest': '{"Version":"v1.0.0"}\n',
  };
  if (sumdb) {
    files['modules/sumdb/sum.test/lookup/example.com/!m@v1.0.0'] = sumdb.lookup;
    files['modules/sumdb/sum.test/tile/8/0/000.p/1'] = sumdb.tile;
    files['modules/sumdb/sum.test/supported'] = '';
  }
  change?.(files);
  const known = { path: 'example.com/M', version: 'v1.0.0', h1, goModH1: GO_MOD_H1 };
  const one: PackModule = { ...known, verified: 'go.sum', licenses: [], ...module };
  const database = sumdb && { name: 'sum.test', key: sumdb.key, size: 1, head: sumdb.head };
  const archive = await ours(files);
  return {
    packs: [{ name: 'p', ...archive, modules: [one], projects: [], sumdb: database ?? null }],
  };
}

describe('a pack', () => {
  it('that has its modules with their hashes is good', async () => {
    expect(await faultsIn(await pack({}))).toEqual([]);
  });

  it.each<[string, PackOptions, RegExp]>([
    [
      'another zip',
      { module: { h1: `h1:${'A'.repeat(43)}=` } },
      /^example.com\/M@v1.0.0 has the hash h1:/,
    ],
    [
      'another go.mod',
      { module: { goModH1: `h1:${'A'.repeat(43)}=` } },
      /^the go.mod of example.com\/M@v1.0.0/,
    ],
    [
      'an .info of another version',
      { change: (files) => void (files[`${BASE}.info`] = '{"Version":"v2.0.0"}') },
      /^the .info of .* says "v2.0.0"/,
    ],
    [
      'no .info',
      { change: (files) => void delete files[`${BASE}.info`] },
      /v1.0.0.info is missing/,
    ],
    [
      'a zip that is none',
      { change: (files) => void (files[`${BASE}.zip`] = 'PK') },
      /it is no sound zip/,
    ],
    [
      'a module too many',
      { change: (files) => void (files['modules/evil.example/@v/v1.0.0.zip'] = '') },
      /"modules\/evil.example\/@v\/v1.0.0.zip" belongs to no module/,
    ],
  ])('with %s is not', async (_, options, why) => {
    const faults = await faultsIn(await pack(options));
    expect(faults[0]).toMatch(why);
  });
});

describe('a pack that carries the checksum database', () => {
  const { signer, verifier } = newSignerKey('sum.test');

  /** A log with one record, and the head that it has. */
  async function database(text: string) {
    const leaf = createHash('sha256').update('\0').update(text).digest();
    const head = signHead(1, leaf, parseSignerKey(signer)).note;
    return { lookup: formatLookup({ id: 0, text }, head), tile: leaf, head, key: verifier };
  }

  const module = { verified: 'checksum-database' } as const;
  const record = async (): Promise<string> => {
    const { h1 } = await zipped();
    return `example.com/M v1.0.0 ${h1}\nexample.com/M v1.0.0/go.mod ${GO_MOD_H1}\n`;
  };

  it('proves with it what the manifest says of it', async () => {
    const sumdb = await database(await record());
    expect(await faultsIn(await pack({ module, sumdb }))).toEqual([]);
  });

  it.each<
    [string, (good: Awaited<ReturnType<typeof database>>) => Partial<PackOptions['sumdb']>, RegExp]
  >([
    [
      'another record',
      ({ lookup }) => ({ lookup: lookup.replace('h1:', 'h1:A') }),
      /says something else of example.com\/M/,
    ],
    ['no such record in its log', () => ({ tile: Buffer.alloc(32) }), /^sumdb\/sum.test: /],
    [
      'a head that nobody signed',
      ({ head }) => ({ head: head.replace('\n1\n', '\n2\n') }),
      /^sumdb\/sum.test: /,
    ],
  ])('with %s does not', async (_, change, why) => {
    const good = await database(await record());
    const faults = await faultsIn(await pack({ module, sumdb: { ...good, ...change(good) } }));
    expect(faults[0]).toMatch(why);
  });

  it('or not at all lacks what the manifest says it has', async () => {
    const sumdb = await database(await record());
    const change = (files: Files): void =>
      void delete files['modules/sumdb/sum.test/lookup/example.com/!m@v1.0.0'];
    expect(await faultsIn(await pack({ module, sumdb, change }))).toEqual([
      'the checksum database of the pack has no record of example.com/M@v1.0.0',
    ]);
  });
});
