import { createHash } from 'node:crypto';
import { createWriteStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import * as fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { ZipFile } from 'yazl';
import { checkSum, escapePath, hash1, hashGoMod, hashZip, parseGoSum, unescapePath } from '#gomod';

const folder = mkdtempSync(join(tmpdir(), 'sums-'));
afterAll(() => rmSync(folder, { recursive: true }));

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

async function zipOf(files: Record<string, string>): Promise<string> {
  const zip = new ZipFile();
  for (const [name, text] of Object.entries(files)) zip.addBuffer(Buffer.from(text), name);
  zip.end();
  const path = join(folder, `${sha256(JSON.stringify(files))}.zip`);
  await pipeline(zip.outputStream, createWriteStream(path));
  return path;
}

describe('h1', () => {
  it('of a go.mod is what the checksum database has', async () => {
    const path = join(folder, 'go.mod');
    writeFileSync(path, 'module golang.org/toolchain\n');
    expect(await hashGoMod(path)).toBe('h1:8wlg68NqwW7eMnI1aABk/C2pDYXj8mrMY4TyRfiLeS0=');
  });

  it('of a zip knows names and bytes, no order', async () => {
    const one = await zipOf({ 'm@v1.0.0/b.go': 'b', 'm@v1.0.0/a.go': 'a' });
    const two = await zipOf({ 'm@v1.0.0/a.go': 'a', 'm@v1.0.0/b.go': 'b' });
    const other = await zipOf({ 'm@v1.0.0/a.go': 'a', 'm@v1.0.0/b.go': 'c' });
    expect(await hashZip(one)).toBe(await hashZip(two));
    expect(await hashZip(one)).not.toBe(await hashZip(other));
    const lines = `${sha256('a')}  m@v1.0.0/a.go\n${sha256('b')}  m@v1.0.0/b.go\n`;
    expect(await hashZip(one)).toBe(`h1:${createHash('sha256').update(lines).digest('base64')}`);
  });

  it('sorts by bytes, not by UTF-16', () => {
    const names = ['\u{1F600}', '\uFF5E'];
    const lines = ['\uFF5E', '\u{1F600}'].map((name) => `${sha256('')}  ${name}\n`).join('');
    const files = names.map((name) => ({ name, sha256: sha256('') }));
    expect(hash1(files)).toBe(`h1:${createHash('sha256').update(lines).digest('base64')}`);
  });

  it('refuses what is no zip', async () => {
    const path = join(folder, 'no.zip');
    writeFileSync(path, 'not a zip at all, but long enough to be looked at');
    await expect(hashZip(path)).rejects.toMatchObject({ code: 'bundle_invalid' });
  });
});

describe('go.sum', () => {
  const m = { path: 'm', version: 'v1.0.0' };
  const sum = parseGoSum(
    'm v1.0.0 h1:aa=\nm v1.0.0 h1:bb=\nm v1.0.0/go.mod h1:cc=\n\n' +
      'n v1.0.0/go.mod h1:G7mAYYxgmS0lVkHyy2hEOLQCFB0DlQFTMLWggykrydY=\n',
  );

  it('has several hashes a file, and none for what it does not name', () => {
    expect([sum.zip(m), sum.goMod(m)]).toEqual([['h1:aa=', 'h1:bb='], ['h1:cc=']]);
    expect(sum.zip({ ...m, version: 'v2.0.0' })).toEqual([]);
    expect(sum.goMod({ ...m, path: 'n' })).toEqual([]);
  });

  it('agrees, is silent, or stops everything', () => {
    expect(checkSum('m', 'h1:bb=', sum.zip(m))).toBe('good');
    expect(checkSum('m', 'h1:bb=', ['h9:zz'])).toBe('unknown');
    expect(() => checkSum('m', 'h1:zz=', sum.zip(m))).toThrow(/go.sum says h1:aa=, h1:bb=/);
  });

  it('is refused with the line', () => {
    expect(() => parseGoSum('m v1 h1:a\nm v1\n')).toThrow(/line 2/);
  });
});

it('escapes upper case and back', () => {
  expect(escapePath('github.com/Azure/go')).toBe('github.com/!azure/go');
  const path = fc.stringMatching(/^[A-Za-z0-9./~_-]+$/);
  fc.assert(fc.property(path, (text) => unescapePath(escapePath(text)) === text));
});
