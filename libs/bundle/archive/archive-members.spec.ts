import { execFileSync } from 'node:child_process';
import { createCipheriv } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutByContent } from './archive-cut.ts';
import { gzipMembers, memberLength } from './archive-members.ts';

const SIZE = { least: 2000, bits: 12, most: 12_000 };

function noise(seed: number, size: number): Buffer {
  const key = Buffer.alloc(16, `${seed} `);
  return createCipheriv('aes-128-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(size));
}

function chunked(bytes: Buffer, size: number): AsyncIterable<Uint8Array> {
  const count = Math.ceil(bytes.length / size);
  return Readable.from(
    Array.from({ length: count }, (_, at) => bytes.subarray(at * size, (at + 1) * size)),
  );
}

async function pieces(bytes: Buffer, chunk = 5000): Promise<string[]> {
  const found: string[] = [];
  for await (const piece of cutByContent(chunked(bytes, chunk), SIZE))
    found.push(piece.toString('latin1'));
  return found;
}

describe('cutting', () => {
  it('falls on the same places however the stream comes, and loses no byte', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(1000),
        fc.nat(60_000),
        fc.integer({ min: 1, max: 9000 }),
        async (seed, size, chunk) => {
          const bytes = noise(seed, size);
          const found = await pieces(bytes, Math.max(chunk, Math.ceil(size / 500)));
          expect(found).toEqual(await pieces(bytes, 60_000));
          expect(found.join('')).toBe(bytes.toString('latin1'));
          for (const piece of found.slice(0, -1)) {
            expect(piece.length).toBeGreaterThanOrEqual(SIZE.least);
            expect(piece.length).toBeLessThanOrEqual(SIZE.most);
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  it('finds again what was moved by a byte in front and one in the middle', async () => {
    const [first, second] = [noise(1, 200_000), noise(2, 200_000)];
    const before = new Set(await pieces(Buffer.concat([first, second])));
    const x = Buffer.from('x');
    const after = await pieces(Buffer.concat([x, first, x, second]));
    const fresh = after.filter((piece) => !before.has(piece));
    expect(after.length).toBeGreaterThan(50);
    expect(fresh.length).toBeLessThan(10);
  });

  it('cuts bytes without any content at the longest', async () => {
    const lengths = (await pieces(Buffer.alloc(30_000))).map(({ length }) => length);
    expect(lengths).toEqual([12_000, 12_000, 6000]);
  });
});

describe('a row of gzip members', () => {
  const bytes = Buffer.concat([noise(1, 50_000), Buffer.alloc(50_000), noise(2, 50_000)]);
  const packed = async (): Promise<Buffer> =>
    buffer(Readable.from(gzipMembers(chunked(bytes, 7000), SIZE, 6)));

  it('is one file for Node and for gzip', async () => {
    const row = await packed();
    expect(gunzipSync(row).equals(bytes)).toBe(true);
    const unpacked = execFileSync('gzip', ['-dc'], { input: row, maxBuffer: 1 << 20 });
    expect(unpacked.equals(bytes)).toBe(true);
  });

  it('says of each member how long it is, and has no member of other lengths', async () => {
    const row = await packed();
    const members: Buffer[] = [];
    for (let at = 0; at < row.length;) {
      const length = memberLength(row.subarray(at)) ?? 0;
      expect(length).toBeGreaterThan(0);
      members.push(gunzipSync(row.subarray(at, at + length)));
      at += length;
    }
    expect(members.length).toBeGreaterThan(15);
    expect(Buffer.concat(members).equals(bytes)).toBe(true);
  });

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['a gzip of others', Buffer.from('1f8b0800000000000003'.padEnd(60, '0'), 'hex')],
    [
      'a length shorter than its head',
      Buffer.from('1f8b08040000000000ff08004746040003000000', 'hex'),
    ],
  ])('is not what begins with %s', (_, head) => {
    expect(memberLength(head)).toBeUndefined();
  });
});
