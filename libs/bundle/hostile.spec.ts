import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import * as fc from 'fast-check';
import { pack, type Header } from 'tar-stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inspectBundle, openBundle, verifyBundle } from '#bundle';
import { isGofleetError } from '#errors';
import { syntheticBundle } from '../../test/stack/synthetic-bundle.ts';

const folder = mkdtempSync(join(tmpdir(), 'hostile-'));
afterAll(() => rmSync(folder, { recursive: true }));

let dir: string;
let whole: Buffer;
beforeAll(async () => {
  dir = await syntheticBundle({ versions: ['1.21.5'], megabytes: 0.002 });
  whole = execFileSync('tar', ['-c', 'manifest.json', 'SHA256SUMS', 'blobs'], { cwd: dir });
});

function written(bytes: Buffer): string {
  const path = join(mkdtempSync(join(folder, 'file-')), 'b.gofleet');
  writeFileSync(path, bytes);
  return path;
}

type Named = Partial<Header> & { name: string };

/** A bundle with one entry more. */
async function withEntry(header: Named): Promise<Buffer> {
  const tar = pack();
  for (const name of ['manifest.json', 'SHA256SUMS'])
    tar.entry({ name }, readFileSync(join(dir, name)));
  tar.entry(header, '');
  tar.finalize();
  return buffer(tar);
}

describe('a .gofleet with', () => {
  it.each<[string, Named, RegExp]>([
    ['a symbolic link', { name: 'x', type: 'symlink', linkname: '/etc/passwd' }, /a symbolic link/],
    ['a hard link', { name: 'x', type: 'link', linkname: 'manifest.json' }, /a hard link/],
    ['a device file', { name: 'x', type: 'block-device' }, /a device file/],
    ['another device file', { name: 'x', type: 'character-device' }, /a device file/],
    ['a named pipe', { name: 'x', type: 'fifo' }, /a named pipe/],
    ['a name that leads out', { name: '../x' }, /leads out/],
    ['a name that leads out further down', { name: 'blobs/../../x' }, /leads out/],
    ['an absolute name', { name: '/etc/cron.d/x' }, /leads out/],
    ['a name that is not plain', { name: 'blobs//x' }, /not in its plain form/],
    ['a name for terminals', { name: 'x\u001b[2J' }, /is no name of a bundle/],
    ['two manifests', { name: 'manifest.json' }, /"manifest.json" is there twice/],
    ['two manifests, spelled in two ways', { name: './manifest.json' }, /is there twice/],
    ['a long name that leads out', { name: `${'x/'.repeat(60)}../../x` }, /leads out/],
  ])('%s is refused, whatever is asked of it', async (_, header, why) => {
    const path = written(await withEntry(header));
    for (const ask of [openBundle, inspectBundle, verifyBundle]) {
      const refused = expect(ask(path)).rejects;
      await refused.toMatchObject({ code: 'bundle_invalid', message: expect.stringMatching(why) });
    }
  });

  it('a header that says another name than the entry is read under that name, as tar does', async () => {
    const pax = { path: '../../etc/passwd' };
    const path = written(await withEntry({ name: 'harmless', pax }));
    await expect(openBundle(path)).rejects.toThrow(/"\.\.\/\.\.\/etc\/passwd" leads out/);
  });

  it('a header about all that follows is refused where it names files', async () => {
    const tar = await withEntry({ name: 'harmless', pax: { path: 'SHA256SUMS' } });
    const at = tar.lastIndexOf('ustar', tar.indexOf('path=SHA256SUMS')) - 257;
    tar.write('g', at + 156);
    refreshChecksum(tar, at);
    await expect(openBundle(written(tar))).rejects.toThrow('a global header names files');
  });

  it('something behind its end is refused: another tar would read it', async () => {
    const more = Buffer.concat([whole, await withEntry({ name: 'x' })]);
    await expect(verifyBundle(written(more))).rejects.toThrow('something follows its end');
  });

  it('a size beyond all sizes is refused', async () => {
    const copy = Buffer.from(whole);
    copy.fill(0xff, 124, 136);
    refreshChecksum(copy);
    await expect(verifyBundle(written(copy))).rejects.toThrow('no sensible size');
  });
});

function refreshChecksum(tar: Buffer, at = 0): void {
  tar.fill(' ', at + 148, at + 156);
  const sum = tar.subarray(at, at + 512).reduce((total, byte) => total + byte, 0);
  tar.write(`${sum.toString(8).padStart(6, '0')}\0 `, at + 148);
}

describe('a folder with', () => {
  it.each<[string, (copy: string) => void, RegExp]>([
    [
      'a symbolic link',
      (copy) => symlinkSync('/etc/passwd', join(copy, 'blobs/x')),
      /"blobs\/x" is a symbolic link/,
    ],
    ['a link to a folder', (copy) => symlinkSync('/', join(copy, 'x')), /"x" is a symbolic link/],
    [
      'a named pipe',
      (copy) => void execFileSync('mkfifo', [join(copy, 'x')]),
      /"x" is a named pipe/,
    ],
  ])('%s is refused', async (_, damage, why) => {
    const copy = mkdtempSync(join(folder, 'copy-'));
    cpSync(dir, copy, { recursive: true });
    damage(copy);
    await expect(verifyBundle(copy)).rejects.toThrow(why);
  });

  it('no manifest is not looked through', async () => {
    const started = performance.now();
    await expect(verifyBundle('/')).rejects.toThrow('/ is no bundle: it has no manifest.json');
    expect(performance.now() - started).toBeLessThan(1000);
  });

  it('a named pipe instead of a bundle does not wait for anybody', async () => {
    const path = join(mkdtempSync(join(folder, 'pipe-')), 'b.gofleet');
    execFileSync('mkfifo', [path]);
    await expect(verifyBundle(path)).rejects.toThrow('neither a folder nor a file');
  });
});

/** The answer, or the code of the error that took its place. */
async function outcome(path: string): Promise<'good' | 'not good' | 'refused'> {
  try {
    return (await verifyBundle(path)).good ? 'good' : 'not good';
  } catch (error) {
    if (isGofleetError(error, 'bundle_invalid')) return 'refused';
    throw error;
  }
}

describe('of damage on the way', () => {
  it('nothing that was cut off is good', async () => {
    const end = whole.findLastIndex((byte) => byte !== 0) + 1;
    const cut = fc.integer({ min: 0, max: end });
    const property = fc.asyncProperty(cut, async (length) => {
      expect(await outcome(written(whole.subarray(0, length)))).not.toBe('good');
    });
    await fc.assert(property, { numRuns: 100 });
  });

  it('every bit that is flipped in what a bundle holds is found', async () => {
    const { files } = await openBundle(written(whole));
    const spans = [...files.sizes.keys()].map((name) => files.place(name));
    const bit = fc.tuple(
      fc.constantFrom(...spans),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      fc.nat(7),
    );
    const property = fc.asyncProperty(bit, async ([{ offset, size }, part, at]) => {
      const copy = Buffer.from(whole);
      const byte = offset + Math.floor(size * part);
      copy.writeUInt8(copy.readUInt8(byte) ^ (1 << at), byte);
      expect(await outcome(written(copy))).not.toBe('good');
    });
    await fc.assert(property, { numRuns: 100 });
  });

  it('a flipped bit in a header is found by its checksum', async () => {
    // the checksum is six digits, and two bytes end it that mean the same whether NUL or space
    const byteOfHeader = fc.nat(499).filter((byte) => byte !== 154 && byte !== 155);
    const property = fc.asyncProperty(byteOfHeader, fc.nat(7), async (byte, at) => {
      const copy = Buffer.from(whole);
      copy.writeUInt8(copy.readUInt8(byte) ^ (1 << at), byte);
      expect(await outcome(written(copy))).toBe('refused');
    });
    await fc.assert(property, { numRuns: 100 });
  });
});

it('a manifest of a newer schema says what to do, however else it looks', async () => {
  const copy = mkdtempSync(join(folder, 'newer-'));
  mkdirSync(join(copy, 'blobs'));
  writeFileSync(join(copy, 'manifest.json'), '{\n  "schema": 2,\n  "everything": "is else"\n}\n');
  await expect(inspectBundle(copy)).rejects.toMatchObject({
    code: 'invalid_file',
    message: expect.stringContaining('line 2: schema: is 2: a newer gofleet made this bundle'),
    remedy: expect.stringContaining('Update gofleet here'),
  });
  const { faults } = await verifyBundle(copy);
  expect(faults).toEqual([
    { path: 'manifest.json', problem: 'manifest', message: expect.stringMatching(/newer gofleet/) },
  ]);
});
