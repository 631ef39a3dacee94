import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatLog,
  formatLookup,
  logOf,
  newSignerKey,
  openHead,
  openNote,
  parseLog,
  parseLookup,
  parseSignerKey,
  parseVerifierKey,
  proveGrowth,
  proveRecords,
  recordedSums,
  signNote,
  type ReadDatabase,
} from '#gomod';
import { tilePath } from './tiles.ts';

/** The keys and the signature that the documentation of Go's note package shows. */
const SIGNER = 'PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz';
const VERIFIER = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
const TEXT =
  "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const NOTE = `${TEXT}\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n`;

/** A head as sum.golang.org has signed it. */
const PUBLIC = 'sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8';
const HEAD =
  'go.sum database tree\n71999284\nq5+IcsQ9SCXC+pYmNIRIRUbPnH/iVuVw/N2fPtPImqw=\n\n' +
  '— sum.golang.org Az3grn4GNnbtrfETJem3Jr7ZbFYo1Azb5JCrPTzzbWdjm6kXry0pPHrWYdXd/NjK6NcWPMPjjUlE84sNCiwm4c98uwo=\n';

describe('a signed note', () => {
  const key = parseVerifierKey(VERIFIER);

  it('is what Go makes of the same key and text, and is read again', () => {
    const signer = parseSignerKey(`${SIGNER}\n`);
    expect(signer.verifier.text).toBe(VERIFIER);
    expect(signNote(TEXT, signer)).toBe(NOTE);
    expect(openNote(NOTE, key)).toBe(TEXT);
  });

  it('may carry signatures of others', () => {
    expect(openNote(`${NOTE}— other.example AAAAAAAA\n`, key)).toBe(TEXT);
  });

  it.each([
    ['another text', NOTE.replace('answer', 'cause'), /wrong signature/],
    ['another signature', NOTE.replace('x08go/Z', 'x08go/A'), /wrong signature/],
    ['no signature of the key', NOTE.replace('PeterNeumann x', 'Peter x'), /not signed by/],
    ['another hash of the key', NOTE.replace('x08go', 'y08go'), /not signed by/],
    ['no signature at all', TEXT, /no signed note/],
    ['an end that is cut off', NOTE.slice(0, -1), /no signed note/],
    ['control characters', NOTE.replace('answer', 'ans\u0007wer'), /no signed note/],
  ])('with %s is refused', (_, note, message) => {
    expect(() => openNote(note, key)).toThrow(
      expect.objectContaining({
        code: 'checksum_database_invalid',
        message: expect.stringMatching(message),
      }),
    );
  });

  it('of sum.golang.org is its head', () => {
    expect(openHead(HEAD, parseVerifierKey(PUBLIC))).toMatchObject({ size: 71_999_284 });
    expect(() => openHead(HEAD.replace('71999284', '71999285'), parseVerifierKey(PUBLIC))).toThrow(
      /wrong signature/,
    );
    expect(() => openHead(NOTE, key)).toThrow(/no tree head/);
  });
});

describe('a key', () => {
  it('is made anew for each database', () => {
    const one = newSignerKey('sum.corp.example/go');
    expect(parseSignerKey(one.signer).verifier.text).toBe(one.verifier);
    expect(newSignerKey('sum.corp.example/go').verifier).not.toBe(one.verifier);
  });

  it.each([
    ['', /cannot be its name/],
    ['sum.golang.org', /no Ed25519 key/],
    [PUBLIC.replace('033de0ae', '033de0af'), /hash does not fit/],
    [PUBLIC.replace('sum.golang', 'sum.golong'), /hash does not fit/],
    [PUBLIC.replace('Ac4z', 'Bc4z'), /no Ed25519 key/],
    ['../sum+033de0ae+Ac4z', /cannot be its name/],
  ])('%j is none', (text, message) => {
    expect(() => parseVerifierKey(text)).toThrow(message);
  });

  it('never shows the secret in an error', () => {
    const broken = SIGNER.replace('c74f20a3', 'c74f20a4');
    expect(() => parseSignerKey(broken)).toThrow(/hash does not fit/);
    expect(() => parseSignerKey(broken)).not.toThrow(/AYEKF/);
    expect(() => parseSignerKey(VERIFIER)).toThrow(/PRIVATE\+KEY/);
  });
});

describe('a tile', () => {
  it.each([
    [{ level: 0, n: 0, width: 256 }, 'tile/8/0/000'],
    [{ level: 1, n: 67, width: 1 }, 'tile/8/1/067.p/1'],
    [{ level: 0, n: 1_234_067, width: 256 }, 'tile/8/0/x001/x234/067'],
    [{ level: 2, n: 1000, width: 7 }, 'tile/8/2/x001/000.p/7'],
  ])('%j is %s', (tile, path) => expect(tilePath(tile)).toBe(path));
});

const KEY = parseSignerKey(newSignerKey('sum.example.test').signer);
const HASH = `h1:${'A'.repeat(43)}=`;
const records = (count: number): string[] =>
  Array.from({ length: count }, (_, id) => `example.com/m${id} v1.0.0 ${HASH}\n`);
const LARGE = logOf(records(66_000));
const LARGE_TILES = LARGE.tiles();

/** The hash of a list as RFC 6962 (2.1) defines it, by recursion. */
function definedRoot(leaves: readonly string[]): Buffer {
  const sha256 = (...parts: (Buffer | string)[]): Buffer =>
    parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();
  if (leaves.length === 0) return sha256();
  if (leaves.length === 1) return sha256(Buffer.from([0]), leaves[0] ?? '');
  let half = 1;
  while (half * 2 < leaves.length) half *= 2;
  return sha256(
    Buffer.from([1]),
    definedRoot(leaves.slice(0, half)),
    definedRoot(leaves.slice(half)),
  );
}

const reader =
  (tiles: ReadonlyMap<string, Buffer>): ReadDatabase =>
  async (path) =>
    tiles.get(path);

describe('a log', () => {
  it('has the hash that RFC 6962 defines', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 600 }), (size) => {
        const { root } = LARGE.head(KEY, size);
        expect(root.equals(definedRoot(LARGE.records.slice(0, size)))).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  it('proves any of its records with the tiles of the proof alone', async () => {
    const sizes = fc.constantFrom(1, 2, 255, 256, 257, 511, 513, 1000, 66_000);
    await fc.assert(
      fc.asyncProperty(sizes, fc.double({ min: 0, max: 0.999, noNaN: true }), async (size, at) => {
        const isLarge = size === 66_000;
        const log = isLarge ? LARGE : logOf(LARGE.records.slice(0, size));
        const all = isLarge ? LARGE_TILES : log.tiles();
        const id = Math.floor(size * at);
        const record = { id, text: log.records[id] ?? '' };
        const tiles = await proveRecords(log.head(KEY), [record], reader(all));
        expect(tiles.size).toBeLessThan(8);
        await proveRecords(log.head(KEY), [record], reader(tiles));
      }),
      { numRuns: 25 },
    );
  });

  it('proves that it goes on from each smaller one', async () => {
    const log = logOf(LARGE.records.slice(0, 700));
    const read = reader(log.tiles());
    for (const size of [0, 1, 255, 256, 257, 512, 600, 699, 700]) {
      const older = log.head(KEY, size);
      const tiles = await proveGrowth(older, log.head(KEY), read);
      expect(await proveGrowth(older, log.head(KEY), reader(tiles ?? new Map()))).toBeDefined();
      expect(await proveGrowth(older, older, reader(tiles ?? new Map()))).toBeDefined();
      const stranger = { ...older, root: Buffer.alloc(32, 7) };
      expect(await proveGrowth(stranger, log.head(KEY), read)).toBeUndefined();
    }
  });

  it('may have a tile in full by now that was smaller', async () => {
    const small = logOf(LARGE.records.slice(0, 300));
    const proof = proveRecords(
      small.head(KEY),
      [{ id: 3, text: small.records[3] ?? '' }],
      reader(LARGE_TILES),
    );
    expect([...(await proof).keys()].sort()).toEqual([
      'tile/8/0/000',
      'tile/8/0/001.p/44',
      'tile/8/1/000.p/1',
    ]);
  });

  it('proves nothing that is not in it', async () => {
    const log = logOf(LARGE.records.slice(0, 700));
    const head = log.head(KEY);
    const tiles = log.tiles();
    const invalid = { code: 'checksum_database_invalid' };
    const good = { id: 5, text: log.records[5] ?? '' };
    const prove = async (record: { id: number; text: string }, from = tiles): Promise<unknown> =>
      proveRecords(head, [record], reader(from));
    await expect(prove({ ...good, text: 'example.com/m5 v1.0.0 h1:B=\n' })).rejects.toMatchObject(
      invalid,
    );
    await expect(prove({ ...good, id: 6 })).rejects.toMatchObject(invalid);
    await expect(prove({ ...good, id: 700 })).rejects.toMatchObject(invalid);
    for (const path of ['tile/8/0/000', 'tile/8/0/002.p/188', 'tile/8/1/000.p/2']) {
      const changed = new Map(tiles);
      changed.set(path, Buffer.from(tiles.get(path) ?? '').fill(1, 32, 64));
      await expect(prove(good, changed)).rejects.toMatchObject(invalid);
      changed.set(path, Buffer.alloc(31));
      await expect(prove(good, changed)).rejects.toMatchObject(invalid);
      changed.delete(path);
      await expect(prove(good, changed)).rejects.toMatchObject({ code: 'source_unavailable' });
    }
  });
});

describe('the file of a log', () => {
  const rows = [`a.example/x v1.0.0 ${HASH}`, `a.example/x v1.0.0/go.mod ${HASH}`];
  const text = `${rows.join('\n')}\n\nb.example/y v2.0.0/go.mod ${HASH}\n`;

  it('is read and written', () => {
    const log = parseLog(text, 'log');
    expect(formatLog(log.records)).toBe(text);
    expect(log.find({ path: 'b.example/y', version: 'v2.0.0' })).toEqual({
      id: 1,
      text: `b.example/y v2.0.0/go.mod ${HASH}\n`,
      h1: undefined,
      goModH1: HASH,
    });
    expect(parseLog('', 'log').records).toEqual([]);
    expect(formatLog([])).toBe('');
  });

  it('may get to know a zip later', () => {
    const log = parseLog(
      `${text}\nb.example/y v2.0.0 ${HASH}\nb.example/y v2.0.0/go.mod ${HASH}\n`,
      'log',
    );
    expect(log.find({ path: 'b.example/y', version: 'v2.0.0' })).toMatchObject({ id: 2, h1: HASH });
  });

  it.each([
    [text.slice(0, -1), 4, /cut off/],
    [`${text}\n\nc.example/z v1.0.0 ${HASH}\n`, 6, /must be lines/],
    [text.replaceAll('\n', '\r\n'), 1, /must be lines/],
    [text.replace('b.example/y ', ''), 4, /must be lines/],
    [`${text}\n${rows[0]?.replace('A', 'B')}\n`, 6, /there twice/],
  ])('%j is refused in line %d', (wrong, line, message) => {
    expect(() => parseLog(wrong, 'log')).toThrow(
      expect.objectContaining({
        errors: [{ path: '', line, message: expect.stringMatching(message) }],
      }),
    );
  });
});

describe('an answer to a lookup', () => {
  const record = { id: 7, text: `a.example/x v1.0.0 ${HASH}\na.example/x v1.0.0/go.mod ${HASH}\n` };

  it('is number, record and head', () => {
    expect(parseLookup(formatLookup(record, HEAD))).toEqual({ ...record, note: HEAD });
  });

  it('says what it says of one module, and of no other', () => {
    const known = { h1: HASH, goModH1: HASH };
    expect(recordedSums(record.text, { path: 'a.example/x', version: 'v1.0.0' })).toEqual(known);
    const other = recordedSums(record.text, { path: 'a.example/x', version: 'v1.0' });
    expect(other).toEqual({ h1: undefined, goModH1: undefined });
  });

  it.each(['', 'not found\n', '7\n\n', '-1\nx\n\nnote', '<html></html>'])('%j is none', (text) => {
    expect(() => parseLookup(text)).toThrow(/no record/);
  });
});
