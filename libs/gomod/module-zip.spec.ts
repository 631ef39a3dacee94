import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, describe, expect, it } from 'vitest';
import { ZipFile } from 'yazl';
import { hashModule, readModuleZip } from '#gomod';

const folder = mkdtempSync(join(tmpdir(), 'module-zip-'));
afterAll(() => rmSync(folder, { recursive: true }));

const MODULE = { path: 'example.com/m', version: 'v1.0.0' };
const PREFIX = 'example.com/m@v1.0.0/';
const GO_MOD = 'module example.com/m\n';
type Files = Record<string, string | Buffer>;

async function zipped(files: Files, mode?: number): Promise<Buffer> {
  const zip = new ZipFile();
  for (const [name, bytes] of Object.entries(files))
    zip.addBuffer(Buffer.from(bytes), name, mode === undefined ? {} : { mode });
  zip.end();
  return buffer(zip.outputStream);
}

/** With other bytes of the same length wherever they stand: in names, in sizes, in what is packed. */
function changed(zip: Buffer, from: string | Buffer, to: string | Buffer): Buffer {
  const [old, next] = [Buffer.from(from), Buffer.from(to)];
  const copy = Buffer.from(zip);
  let found = 0;
  for (let at = copy.indexOf(old); at >= 0; at = copy.indexOf(old, at + old.length)) {
    next.copy(copy, at);
    found += 1;
  }
  if (found === 0 || old.length !== next.length) throw new Error('nothing was changed');
  return copy;
}

function written(zip: Buffer): string {
  const path = join(mkdtempSync(join(folder, 'zip-')), 'm.zip');
  writeFileSync(path, zip);
  return path;
}

function sizeField(size: number): Buffer {
  const field = Buffer.alloc(4);
  field.writeUInt32LE(size);
  return field;
}

const good = () => zipped({ [`${PREFIX}go.mod`]: GO_MOD, [`${PREFIX}a.go`]: 'package m\n' });

describe('a module zip', () => {
  it('has the h1 that go gives it, and its go.mod', async () => {
    expect(await readModuleZip(MODULE, written(await good()))).toEqual({
      h1: 'h1:SXy42eQ/QbleX7vtuAPFnaM3tNuQnfeo7rulG/p7iOw=',
      goMod: Buffer.from(GO_MOD),
    });
  });

  const names: [string, Files, RegExp][] = [
    [
      'files beside its own',
      { 'example.com/m@v1.0.1/a.go': '' },
      /not below example.com\/m@v1.0.0/,
    ],
    ['names that differ in case', { [`${PREFIX}a/B`]: '', [`${PREFIX}A/b`]: '' }, /are one name/],
    ['the letter that folds', { [`${PREFIX}\u212a`]: '', [`${PREFIX}k`]: '' }, /are one name/],
    ['a file that is a folder too', { [`${PREFIX}a`]: '', [`${PREFIX}a/b`]: '' }, /are one name/],
    ['a folder that is a file too', { [`${PREFIX}a/b`]: '', [`${PREFIX}a`]: '' }, /are one name/],
    ['a go.mod further down', { [`${PREFIX}sub/go.mod`]: '' }, /makes another module/],
    ['a GO.MOD', { [`${PREFIX}GO.MOD`]: '' }, /not in lower case/],
    ['a device of Windows', { [`${PREFIX}sub/aux.go`]: '' }, /device of Windows/],
    ['a quote', { [`${PREFIX}it's`]: '' }, /a character that go does not take/],
    ['a part that ends with a dot', { [`${PREFIX}a./b`]: '' }, /ends with a dot/],
  ];
  it.each(names)('with %s is refused', async (_, files, why) => {
    const zip = written(await zipped(files));
    const refused = expect(readModuleZip(MODULE, zip)).rejects;
    await refused.toMatchObject({ code: 'bundle_invalid', message: expect.stringMatching(why) });
  });

  it.each([
    ['leads out', `${PREFIX}x/yy/`, `${PREFIX}x/../`, /leads out of it/],
    ['is absolute', 'example.com/m@v1.0.0/x', '/xample.com/m@v1.0.0/x', /leads out of it/],
    ['has a backslash', `${PREFIX}x/yy/`, `${PREFIX}x\\yy/`, /a character that names have not/],
    ['is not clean', `${PREFIX}x/yy/`, `${PREFIX}x/./y`, /has the part \./],
    ['is not UTF-8', `${PREFIX}x/yy/`, Buffer.from(`${PREFIX}x/y\xff/`, 'latin1'), /not valid/],
  ])('with a name that %s is refused', async (_, from, to, why) => {
    const zip = changed(await zipped({ [`${PREFIX}x/yy/z`]: '' }), from, to);
    await expect(readModuleZip(MODULE, written(zip))).rejects.toThrow(why);
  });

  it('with one name twice is refused', async () => {
    const zip = changed(await zipped({ [`${PREFIX}a1`]: 'x', [`${PREFIX}a2`]: 'y' }), 'a2', 'a1');
    await expect(readModuleZip(MODULE, written(zip))).rejects.toThrow('are one name');
  });

  it.each([
    ['symbolic link', 0o120_777],
    ['device file', 0o020_666],
  ])('with a %s is refused', async (_, mode) => {
    const zip = await zipped({ [`${PREFIX}a`]: '/etc/passwd' }, mode);
    await expect(readModuleZip(MODULE, written(zip))).rejects.toThrow('link or a device file');
  });
});

describe('a zip bomb', () => {
  const SIZE = 3_000_001;
  const bomb = () => zipped({ [`${PREFIX}a`]: Buffer.alloc(SIZE) });

  it('that hides how much it unpacks to is cut off there', async () => {
    const zip = changed(await bomb(), sizeField(SIZE), sizeField(1000));
    const refused = expect(readModuleZip(MODULE, written(zip))).rejects;
    await refused.toThrow('it unpacks to more than the zip says');
  });

  it('that says it is refused before anything is unpacked', async () => {
    const zip = changed(await bomb(), sizeField(SIZE), sizeField(600 << 20));
    await expect(readModuleZip(MODULE, written(zip))).rejects.toThrow('more than 500 MiB');
    const goMod = await zipped({ [`${PREFIX}go.mod`]: Buffer.alloc(SIZE) });
    const large = changed(goMod, sizeField(SIZE), sizeField(17 << 20));
    await expect(readModuleZip(MODULE, written(large))).rejects.toThrow('more than 16 MiB');
  });
});

describe('a damaged zip', () => {
  const text = 'a text that is stored as it is';
  const stored = async (): Promise<Buffer> => {
    const zip = new ZipFile();
    zip.addBuffer(Buffer.from(text), `${PREFIX}a`, { compress: false });
    zip.end();
    return buffer(zip.outputStream);
  };

  it.each<[string, (zip: Buffer) => Buffer, RegExp]>([
    ['with one bit flipped', (zip) => changed(zip, 'stored', 'storee'), /another checksum/],
    ['that was cut', (zip) => zip.subarray(0, -30), /no sound zip/],
    ['with bytes missing inside', (zip) => zip.subarray(40), /no sound zip/],
    ['that is none', () => Buffer.from('<html>no such module</html>'), /no sound zip/],
    ['with nothing in it', () => Buffer.alloc(0), /no sound zip/],
  ])('%s is refused', async (_, damage, why) => {
    const refused = expect(readModuleZip(MODULE, written(damage(await stored())))).rejects;
    await refused.toMatchObject({ code: 'bundle_invalid', message: expect.stringMatching(why) });
  });
});

describe('a module', () => {
  const module = async (goMod: string) => {
    const zip = written(await good());
    writeFileSync(`${zip}.mod`, goMod);
    return { ...MODULE, zip, goMod: `${zip}.mod` };
  };

  it('whose .mod is the go.mod of its zip has both hashes', async () => {
    expect(await hashModule(await module(GO_MOD))).toEqual({
      h1: 'h1:SXy42eQ/QbleX7vtuAPFnaM3tNuQnfeo7rulG/p7iOw=',
      goModH1: 'h1:flS2VctbRrTv+sBE+VKgxx6hlkMGPVz9MGOmzMYFg3k=',
    });
  });

  it('whose .mod is another one is refused', async () => {
    const other = await module(`${GO_MOD}require example.com/evil v1.0.0\n`);
    await expect(hashModule(other)).rejects.toThrow('its .mod is not the go.mod in its zip');
  });

  it('is hashed from its bytes, whatever the .ziphash beside them says', async () => {
    const before = await module(GO_MOD);
    const { h1 } = await hashModule(before);
    const tampered = { [`${PREFIX}go.mod`]: GO_MOD, [`${PREFIX}a.go`]: 'package evil\n' };
    writeFileSync(before.zip, await zipped(tampered));
    writeFileSync(before.zip.replace(/zip$/, 'ziphash'), String(h1));
    expect((await hashModule(before)).h1).not.toBe(h1);
  });
});
