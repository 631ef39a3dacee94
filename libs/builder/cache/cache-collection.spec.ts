import { createCipheriv } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, it } from 'vitest';
import type { ArchiveEntry } from '#bundle';
import { z } from 'zod';
import { openWorkbench, type Workbench } from './workbench.ts';

const base = mkdtempSync(join(tmpdir(), 'collection-'));
afterAll(() => rmSync(base, { recursive: true, force: true }));
let cache: string;
beforeEach(() => (cache = mkdtempSync(join(base, 'cache-'))));

const Made = z.object({ blob: z.string() });

/** Some kilobytes that no compressor makes less of, by their seed. */
function entry(seed: string, kilobytes = 10): ArchiveEntry {
  const cipher = createCipheriv('aes-128-ctr', Buffer.alloc(16, seed), Buffer.alloc(16));
  const bytes = cipher.update(Buffer.alloc(kilobytes * 1000));
  return {
    path: 'it',
    kind: 'file',
    executable: false,
    size: bytes.length,
    async *read() {
      yield bytes;
    },
  };
}

/** Makes things in a build of its own; answers those that were not there. */
async function build(names: string[], cacheBytes?: number): Promise<string[]> {
  const made: string[] = [];
  await using bench = await openWorkbench(cache, { cacheBytes });
  for (const name of names) await makeOnce(bench, name, made);
  return made;
}

async function makeOnce(bench: Workbench, name: string, made: string[]): Promise<void> {
  const make = async () => {
    made.push(name);
    return bench.archive([entry(name)], 1);
  };
  await bench.once([name], Made, make, () => true);
}

/** As if all that is there was used so many days ago. */
function age(days: number): void {
  const then = new Date(Date.now() - days * 86_400_000);
  for (const folder of ['made', 'kept', 'kept/toolchains'])
    for (const name of existsSync(join(cache, folder)) ? readdirSync(join(cache, folder)) : [])
      utimesSync(join(cache, folder, name), then, then);
}

it('keeps what was used last, and not more than it may', async () => {
  await build(['old', 'older']);
  age(2);
  await build(['old', 'new'], 25_000);
  expect(await build(['old', 'new'])).toEqual([]);
  expect(await build(['older'])).toEqual(['older']);
});

it('removes nothing while another build is at work', async () => {
  await using other = await openWorkbench(cache);
  await makeOnce(other, 'its own', []);
  expect(await build(['something'], 0)).toEqual(['something']);
  expect(await build(['its own', 'something'])).toEqual([]);
});

it('gives up unpacked toolchains one by one, a module cache as a whole and last, never what is known of databases', async () => {
  const file = (path: string, bytes: number): void => {
    mkdirSync(join(cache, 'kept', path), { recursive: true });
    writeFileSync(join(cache, 'kept', path, 'file'), Buffer.alloc(bytes));
    chmodSync(join(cache, 'kept', path), 0o555);
  };
  file('toolchains/one', 10_000);
  age(1);
  file('toolchains/two', 10_000);
  file('modules/cache/download', 30_000);
  file('checksums/sum.example', 5000);
  age(0);
  utimesSync(join(cache, 'kept/toolchains/one'), 1, 1);
  const kept = () => readdirSync(join(cache, 'kept'), { recursive: true }).map(String);
  await build([], 40_000);
  expect(kept()).not.toContain('toolchains/one');
  expect(kept()).toEqual(expect.arrayContaining(['toolchains/two', 'modules/cache/download']));
  await build([], 1000);
  expect(kept().sort()).toEqual([
    'checksums',
    'checksums/sum.example',
    'checksums/sum.example/file',
    'toolchains',
  ]);
});

it('is looked at once an hour, and at once where somebody says how large it may be', async () => {
  await build(['one']);
  const mark = join(cache, 'collected');
  expect(existsSync(mark)).toBe(true);
  await build(['two'], 0);
  expect(await build(['one', 'two'])).toEqual(['one', 'two']);
});

it('makes again what of a thing has gone, also where its note is there', async () => {
  await build(['one']);
  rmSync(join(cache, 'blobs/sha256'), { recursive: true });
  expect(await build(['one'])).toEqual(['one']);
  expect(await build(['one'])).toEqual([]);
});
