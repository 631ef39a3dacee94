import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  blobPath,
  findPack,
  findProject,
  findToolchain,
  importBundle,
  inspectBundle,
  openBundle,
  platformsOf,
  readManifest,
  storeReceiver,
  verifyBundle,
  writeArchive,
  writeBundle,
  writeManifest,
  type Archive,
  type BundleContent,
  type BundleReceiver,
} from '#bundle';
import { openStore } from '#store';

const folder = mkdtempSync(join(tmpdir(), 'bundle-'));
afterAll(() => rmSync(folder, { recursive: true }));
const H1 = `h1:${'A'.repeat(43)}=`;

async function archive(name: string): Promise<Archive> {
  const bytes = Buffer.from(name.repeat(1000));
  const out = join(folder, `${name}.tar.gz`);
  const read = (): Readable => Readable.from([bytes]);
  const entry = {
    path: `${name}/file`,
    kind: 'file',
    executable: false,
    size: bytes.length,
    read,
  } as const;
  return writeArchive([entry], out, 6);
}

const paths = new Map<string, string>();
async function content(): Promise<BundleContent> {
  const [go, modules, sample] = [
    await archive('go'),
    await archive('modules'),
    await archive('sample'),
  ];
  for (const [name, { blob }] of Object.entries({ go, modules, sample }))
    paths.set(blob, join(folder, `${name}.tar.gz`));
  const project = { name: 'sample', module: 'example.com/sample', go: '1.21', ...sample };
  const module = { path: 'm', version: 'v1.0.0', h1: H1, goModH1: H1, verified: 'none' } as const;
  return {
    name: 'test',
    toolchains: [
      {
        version: '1.21.5',
        os: 'linux',
        arch: 'amd64',
        ...go,
        versionText: 'go1.21.5\n',
        source: 'goroot',
        verified: 'none',
        h1: null,
      },
    ],
    packs: [{ name: 'default', ...modules, modules: [module], projects: [project] }],
    rehearsal: null,
  };
}
const pathOf = (sha256: string): string => paths.get(sha256) ?? '';
const [dir, file] = [join(folder, 'out/bundle'), join(folder, 'out/bundle.gofleet')];
let go: string;

beforeAll(async () => {
  const made = await content();
  go = made.toolchains[0]?.blob ?? '';
  await writeBundle(made, pathOf, dir);
  await writeBundle(made, pathOf, file);
});

describe.each([
  ['folder', dir],
  ['file', file],
])('a bundle as %s', (_, path) => {
  it('is good, and says what is in it', async () => {
    const report = await verifyBundle(path);
    expect(report).toMatchObject({ good: true, name: 'test', blobs: 3, faults: [] });
    const summary = await inspectBundle(path);
    expect(summary).toMatchObject({ digest: report.digest, bytes: report.bytes });
    expect(summary.toolchains[0]?.platform).toBe('linux/amd64');
    expect(summary.packs[0]?.unverified).toEqual(['m@v1.0.0']);
  });

  it('gives its blobs, whole and in ranges', async () => {
    const bundle = await openBundle(path);
    const whole = await buffer(bundle.read(go));
    expect(whole).toEqual(readFileSync(pathOf(go)));
    expect(await buffer(bundle.read(go, { start: 5, end: 9 }))).toEqual(whole.subarray(5, 9));
    expect(await buffer(bundle.read(go, { start: whole.length }))).toHaveLength(0);
  });

  it('is imported once, from where it stopped', async () => {
    const store = await openStore(mkdtempSync(join(folder, 'store-')));
    const bundle = await openBundle(path);
    const size = readFileSync(pathOf(go)).length;
    await store.append({
      sha256: go,
      size,
      offset: 0,
      body: bundle.read(go, { start: 0, end: 10 }),
    });
    const seen: number[] = [];
    const first = await importBundle(bundle, storeReceiver(store), {
      progress: (at) => seen.push(at),
    });
    const total = bundle.manifest.blobs.reduce((sum, each) => sum + each.size, 0);
    expect(first).toMatchObject({
      name: 'test',
      digest: bundle.digest,
      blobs: 3,
      bytes: total - 10,
    });
    expect(seen.at(-1)).toBe(total);
    expect(await importBundle(bundle, storeReceiver(store))).toMatchObject({ blobs: 0, bytes: 0 });
  });
});

it('has the same bytes as folder and as file, and each time', async () => {
  const before = readFileSync(file);
  const again = await writeBundle(await content(), pathOf, file);
  expect(readFileSync(file)).toEqual(before);
  expect(again.digest).toBe((await openBundle(dir)).digest);
  execFileSync('sha256sum', ['--check', '--strict', '--quiet', 'SHA256SUMS'], { cwd: dir });
});

it('may be packed and unpacked by hand', async () => {
  const byHand = join(folder, 'by-hand.gofleet');
  for (const format of ['gnu', 'pax', 'ustar']) {
    execFileSync('tar', [`--format=${format}`, '-cf', byHand, '.'], { cwd: dir });
    expect((await verifyBundle(byHand)).faults).toEqual([]);
  }
  const unpacked = join(folder, 'unpacked');
  mkdirSync(unpacked);
  execFileSync('tar', ['-xf', file, '-C', unpacked]);
  expect((await verifyBundle(unpacked)).good).toBe(true);
});

describe('verify names every fault', () => {
  const damaged = (damage: (copy: string) => void): string => {
    const copy = mkdtempSync(join(folder, 'copy-'));
    cpSync(dir, copy, { recursive: true });
    damage(copy);
    return copy;
  };
  const cases: [string, (copy: string) => void, string[]][] = [
    ['a blob that is missing', (copy) => unlinkSync(join(copy, blobPath(go))), ['missing']],
    ['one that is cut', (copy) => truncateSync(join(copy, blobPath(go)), 5), ['size']],
    [
      'one with other bytes',
      (copy) =>
        writeFileSync(join(copy, blobPath(go)), Buffer.alloc(readFileSync(pathOf(go)).length)),
      ['hash'],
    ],
    ['a file too many', (copy) => writeFileSync(join(copy, 'blobs/more'), ''), ['extra']],
    ['sums that differ', (copy) => appendFileSync(join(copy, 'SHA256SUMS'), '\n'), ['sums']],
    [
      'a manifest that says something else',
      (copy) => {
        const text = readFileSync(join(copy, 'manifest.json'), 'utf8');
        writeFileSync(join(copy, 'manifest.json'), text.replace('"test"', '"tost"'));
      },
      ['sums'],
    ],
    [
      'a manifest that is none',
      (copy) => writeFileSync(join(copy, 'manifest.json'), '{}'),
      Array<string>(7).fill('manifest'),
    ],
    [
      'several at once',
      (copy) => {
        unlinkSync(join(copy, 'SHA256SUMS'));
        unlinkSync(join(copy, blobPath(go)));
        writeFileSync(join(copy, 'x'), '');
      },
      ['missing', 'missing', 'extra'],
    ],
  ];
  it.each(cases)('%s', async (_, damage, problems) => {
    const report = await verifyBundle(damaged(damage));
    expect(report.good).toBe(false);
    expect(report.faults.map(({ problem }) => problem)).toEqual(problems);
  });

  it('and a file that was cut is no bundle', async () => {
    const cut = join(folder, 'cut.gofleet');
    writeFileSync(cut, readFileSync(file).subarray(0, -2000));
    await expect(verifyBundle(cut)).rejects.toMatchObject({ code: 'bundle_invalid' });
    writeFileSync(cut, 'text '.repeat(500));
    await expect(verifyBundle(cut)).rejects.toThrow(/it is no tar/);
    await expect(verifyBundle(join(folder, 'nowhere'))).rejects.toThrow(/there is nothing/);
    await expect(verifyBundle(join(folder, 'out'))).rejects.toThrow(/no manifest.json/);
  });
});

describe('a manifest', () => {
  it('has one form, and is read back as it was', async () => {
    const { manifestText, manifest } = await openBundle(dir);
    expect(writeManifest(manifest)).toBe(manifestText);
    const { blobs, ...rest } = manifest;
    expect(writeManifest({ blobs, ...rest })).toBe(manifestText);
    expect(Object.keys(JSON.parse(manifestText) as object).join(' ')).toBe(
      'schema name toolchains packs releases tools blobs rehearsal unverified sbom',
    );
  });

  it.each([
    ['"schema": 1', '"schema": 2', 'schema', 2],
    ['"arch": "amd64"', '"arch": "../x"', 'toolchains[0].arch', 8],
    ['"packs": [', '"pakcs": [], "packs": [', 'pakcs', 20],
    ['blobs/sha256/', 'blobs/../', 'blobs[0].path', undefined],
  ])('with %s as %s is refused at %s', async (from, to, path, line) => {
    const { manifestText } = await openBundle(dir);
    const wrong = expect.objectContaining({ path, ...(line && { line }) });
    expect(() => readManifest(manifestText.replace(from, to))).toThrow(
      expect.objectContaining({ errors: expect.arrayContaining([wrong]) }),
    );
  });

  it('that names a blob it does not list, or twice the same, is refused', async () => {
    const { manifest } = await openBundle(dir);
    const dangling = { ...manifest, blobs: manifest.blobs.slice(1) };
    expect(() => readManifest(JSON.stringify(dangling))).toThrow(/not among the blobs/);
    const twice = { ...manifest, packs: [...manifest.packs, ...manifest.packs] };
    expect(() => readManifest(JSON.stringify(twice))).toThrow(/default is there twice/);
  });

  it('answers what a host needs', async () => {
    const { manifest } = await openBundle(dir);
    const wanted = { version: '1.21.5', os: 'linux', arch: 'amd64' };
    expect(findToolchain(manifest, wanted)?.blob).toBe(go);
    expect(findToolchain(manifest, { ...wanted, arch: 'arm64' })).toBeUndefined();
    expect(platformsOf(manifest, '1.21.5')).toEqual(['linux/amd64']);
    const pack = findPack(manifest, 'default');
    expect(pack && findProject(pack, 'sample')?.module).toBe('example.com/sample');
  });
});

describe('import', () => {
  it('goes on where the other side says', async () => {
    const store = await openStore(mkdtempSync(join(folder, 'store-')));
    const receiver = storeReceiver(store);
    let asked = 0;
    const forgetful: BundleReceiver = {
      ...receiver,
      offset: async (sha256) => ((asked += 1) === 1 ? 3 : receiver.offset(sha256)),
    };
    expect(await importBundle(await openBundle(file), forgetful)).toMatchObject({ blobs: 3 });
  });

  it('of a damaged blob is blob_mismatch', async () => {
    const copy = mkdtempSync(join(folder, 'copy-'));
    cpSync(dir, copy, { recursive: true });
    writeFileSync(join(copy, blobPath(go)), Buffer.alloc(readFileSync(pathOf(go)).length));
    const store = await openStore(mkdtempSync(join(folder, 'store-')));
    const imported = importBundle(await openBundle(copy), storeReceiver(store));
    await expect(imported).rejects.toMatchObject({ code: 'blob_mismatch' });
    expect(await store.has(go)).toBe(false);
  });
});

describe('writing', () => {
  it('replaces a bundle and nothing else', async () => {
    const made = await content();
    await writeBundle(made, pathOf, dir);
    expect((await verifyBundle(dir)).good).toBe(true);
    const precious = mkdtempSync(join(folder, 'precious-'));
    writeFileSync(join(precious, 'thesis'), '');
    await expect(writeBundle(made, pathOf, precious)).rejects.toMatchObject({ code: 'usage' });
  });

  it('that fails leaves what was there', async () => {
    const made = await content();
    for (const out of [dir, file]) {
      await expect(writeBundle(made, () => join(folder, 'gone'), out)).rejects.toThrow(/ENOENT/);
      expect((await verifyBundle(out)).good).toBe(true);
    }
  });
});
