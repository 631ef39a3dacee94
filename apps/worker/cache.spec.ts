import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openStore } from '#store';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openCache, type Cache } from './cache.ts';

const BYTES = 1000;
/** Blobs of 1,000 bytes each, by a letter. */
const blobOf = (letter: string) => {
  const bytes = Buffer.alloc(BYTES, letter);
  return { sha256: createHash('sha256').update(bytes).digest('hex'), size: BYTES };
};
const letters = new Map(
  ['a', 'b', 'c', 'd', 'e', 'f'].map((letter) => [blobOf(letter).sha256, letter]),
);

let folder: string;
let fetched: string;
let warnings: string[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gofleet-cache-'));
  fetched = '';
  warnings = [];
});
afterEach(() => rm(folder, { recursive: true }));

/** Room for three blobs. */
async function open(): Promise<Cache> {
  return openCache(await openStore(folder), {
    size: 3 * BYTES,
    fetch:
      ({ sha256 }) =>
      async () => {
        const letter = letters.get(sha256) ?? '';
        fetched += letter;
        return chunk(Buffer.alloc(BYTES, letter));
      },
    log: {
      info: () => undefined,
      warn: (_: object, message: string) => void warnings.push(message),
    },
  });
}

async function* chunk(bytes: Buffer) {
  yield bytes;
}

/** One use after the other, so that they have times of their own. */
async function use(cache: Cache, wanted: string): Promise<void> {
  for (const letter of wanted) {
    await cache.get(blobOf(letter));
    await sleep(5);
  }
}

async function there(): Promise<string> {
  const blobs = await (await openStore(folder)).list();
  return blobs
    .map(({ sha256 }) => letters.get(sha256) ?? '?')
    .toSorted()
    .join('');
}

it('takes no more than it may: what was used longest ago goes first', async () => {
  const cache = await open();
  await use(cache, 'abcad');
  expect(await there()).toBe('acd');
  await use(cache, 'e');
  expect(await there()).toBe('ade');
  expect(fetched).toBe('abcde');
});

it('remembers over a restart when each was used', async () => {
  await use(await open(), 'abca');
  await use(await open(), 'd');
  expect(await there()).toBe('acd');
});

it('never lets go what a claim in hand needs, and says where that is more than it may take', async () => {
  const cache = await open();
  {
    using _held = cache.hold(['a', 'b', 'c'].map(blobOf));
    using _again = cache.hold([blobOf('a')]);
    await use(cache, 'abcd');
    expect(await there()).toBe('abcd');
    expect(warnings).toEqual([expect.stringContaining('--cache-size')]);
  }
  await use(cache, 'e');
  expect(await there()).toBe('cde');
});

it('counts what is on its way: several at once keep to it together', async () => {
  const cache = await open();
  await use(cache, 'abc');
  await Promise.all(['d', 'e', 'f'].map((letter) => cache.get(blobOf(letter))));
  expect(await there()).toBe('def');
});

it('fetches a blob once for all who ask at the same time', async () => {
  const cache = await open();
  await Promise.all([1, 2, 3].map(() => cache.get(blobOf('a'))));
  expect(fetched).toBe('a');
});
