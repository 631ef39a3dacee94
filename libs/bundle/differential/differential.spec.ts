import { execFileSync } from 'node:child_process';
import { createCipheriv, createHash } from 'node:crypto';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  blobPath,
  blobsIn,
  Differential,
  haveOf,
  importBundle,
  inspectBundle,
  joinBundle,
  openBundle,
  readHave,
  splitBundle,
  storeReceiver,
  verifyBundle,
  writeArchive,
  writeBundle,
  type BundleReceiver,
  type Have,
  type Toolchain,
} from '#bundle';
import { openStore, type Store } from '#store';
import { compose } from './compose.ts';
import { packParts, partsOf, unpackParts } from './parts.ts';
import { planner } from './plan-runs.ts';

const folder = mkdtempSync(join(tmpdir(), 'differential-'));
afterAll(() => rmSync(folder, { recursive: true }));

const paths = new Map<string, string>();
const pathOf = (sha256: string): string => paths.get(sha256) ?? '';

/** Bytes that no compressor makes shorter, the same for the same seed. */
function noise(seed: string, size: number): Buffer {
  const key = createHash('sha256').update(seed).digest().subarray(0, 16);
  return createCipheriv('aes-128-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(size));
}

/** A Go of 40 files of 50 KB, a few of which its version changes. */
async function toolchain(version: string, arch: string, changed: number[]): Promise<Toolchain> {
  const out = join(folder, `${version}-${arch}`);
  const entries = Array.from({ length: 40 }, (_, index) => {
    const seed = `${arch} ${index} ${changed.includes(index) ? version : ''}`;
    const bytes = noise(seed, 50_000 + (changed.includes(index) ? version.length : 0));
    const read = (): Readable => Readable.from([bytes]);
    const path = `go/src/${String(index).padStart(2, '0')}`;
    return { path, kind: 'file', executable: false, size: bytes.length, read } as const;
  });
  const archive = await writeArchive(entries, out, 6);
  paths.set(archive.blob, out);
  const origin = { source: 'goroot', verified: 'none', h1: null } as const;
  return { version, os: 'linux', arch, ...archive, versionText: `go${version}\n`, ...origin };
}

async function written(name: string, toolchains: Toolchain[], against?: Have): Promise<string> {
  const out = join(folder, name);
  await writeBundle({ name: 'go', toolchains, packs: [], rehearsal: null }, pathOf, out, {
    against,
  });
  return out;
}

async function storeWith(...bundles: string[]): Promise<Store> {
  const store = await openStore(mkdtempSync(join(folder, 'store-')));
  for (const each of bundles) await importBundle(await openBundle(each), storeReceiver(store));
  return store;
}

/** Bytes of all files of a bundle folder. */
function bytesIn(path: string): number {
  const names = readdirSync(path, { recursive: true, encoding: 'utf8' });
  return names.reduce((sum, name) => sum + statSync(join(path, name)).size, 0);
}

let [old, full, small, file] = ['', '', '', ''];
let [before, after, arm]: Toolchain[] = [];
let have: Have;

beforeAll(async () => {
  [before, after, arm] = [
    await toolchain('1.21.5', 'amd64', [3, 30]),
    await toolchain('1.21.6', 'amd64', [3, 30]),
    await toolchain('1.21.5', 'arm64', []),
  ];
  const fresh = await toolchain('1.21.6', 's390x', []);
  old = await written('old', [before, arm]);
  have = readHave(JSON.stringify(await haveOf(blobsIn(await openBundle(old)))), 'have.json');
  full = await written('full', [after, arm, fresh]);
  small = await written('small', [after, arm, fresh], have);
  file = await written('small.gofleet', [after, arm, fresh], have);
});

describe('a differential bundle', () => {
  it('carries new blobs whole, of changed ones what changed, and nothing of the others', async () => {
    const { differential, manifest } = await openBundle(small);
    expect(differential?.needs.map(({ bundle }) => bundle)).toEqual(['go', 'go']);
    expect(differential?.composed.map(({ sha256 }) => sha256)).toEqual([after?.blob]);
    const whole = manifest.blobs.filter(({ path }) => existsSync(join(small, path)));
    expect(whole.map(({ sha256 }) => sha256)).toEqual([
      manifest.toolchains.find(({ arch }) => arch === 's390x')?.blob,
    ]);
    const parts = statSync(join(small, 'parts', after?.blob ?? '')).size;
    expect(parts).toBeGreaterThan(100_000);
    expect(parts).toBeLessThan(600_000);
    expect(bytesIn(small)).toBeLessThan(bytesIn(full) / 2);
  });

  it('is the full bundle by its digest, and the same bytes again', async () => {
    expect((await openBundle(small)).digest).toBe((await openBundle(full)).digest);
    const first = readFileSync(file);
    await written('small.gofleet', (await openBundle(full)).manifest.toolchains, have);
    expect(readFileSync(file).equals(first)).toBe(true);
  });

  it('is good for us and for sha256sum, and says what it needs', async () => {
    for (const path of [small, file])
      expect(await verifyBundle(path)).toMatchObject({
        good: true,
        blobs: 2,
        needs: [{ bundle: 'go' }, { bundle: 'go' }],
      });
    execFileSync('sha256sum', ['--check', '--strict', '--quiet', 'SHA256SUMS'], { cwd: small });
    const { differential } = await inspectBundle(small);
    expect(differential).toMatchObject({ composed: 1, needs: 2 });
    expect((await inspectBundle(full)).differential).toBeNull();
  });

  it('becomes whole beside what is there, from a folder and from a file', async () => {
    for (const path of [small, file]) {
      const store = await storeWith(old, path);
      for (const { sha256 } of (await openBundle(full)).manifest.blobs)
        expect(
          readFileSync((await store.get(sha256)).path).equals(readFileSync(pathOf(sha256))),
        ).toBe(true);
    }
  });

  it('goes on in the middle of a blob that is put together', async () => {
    const store = await storeWith(old);
    const receiver = storeReceiver(store);
    const size = after?.size ?? 0;
    async function* cut(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
      let left = size * 0.7;
      for await (const chunk of body) {
        yield chunk.subarray(0, left);
        if ((left -= chunk.length) <= 0) throw new Error('cut off');
      }
    }
    const dying: BundleReceiver = {
      ...receiver,
      send: (blob, offset, body) =>
        receiver.send(blob, offset, blob.sha256 === after?.blob ? cut(body) : body),
    };
    await expect(importBundle(await openBundle(small), dying)).rejects.toThrow('cut off');
    const kept = (await store.offset(after?.blob ?? '')) ?? 0;
    expect(kept).toBeGreaterThan(size / 2);
    const offsets = new Map<string, number>();
    const watched: BundleReceiver = {
      ...receiver,
      send: (blob, offset, body) => {
        offsets.set(blob.sha256, offset);
        return receiver.send(blob, offset, body);
      },
    };
    await importBundle(await openBundle(small), watched);
    expect(offsets.get(after?.blob ?? '')).toBe(kept);
    expect(await store.has(after?.blob ?? '')).toBe(true);
  });

  it('says what it builds on where that is not there, and sends nothing', async () => {
    const store = await storeWith();
    const imported = importBundle(await openBundle(small), storeReceiver(store));
    await expect(imported).rejects.toMatchObject({
      code: 'base_missing',
      message: expect.stringContaining('builds on 2 blobs of go that are not there'),
      details: {
        missing: expect.arrayContaining([expect.objectContaining({ sha256: before?.blob })]),
      },
    });
    expect(await store.list()).toEqual([]);
    const partly = await storeWith(await written('arm', [arm!]));
    await expect(importBundle(await openBundle(small), storeReceiver(partly))).rejects.toThrow(
      /builds on 1 blobs of go that are not there/,
    );
  });

  it('of nothing new carries no blob', async () => {
    const { path } = await openBundle(await written('none', [before!, arm!], have));
    expect(await verifyBundle(path)).toMatchObject({ good: true, blobs: 0, bytes: 0 });
    const store = await storeWith(old);
    expect(await importBundle(await openBundle(path), storeReceiver(store))).toMatchObject({
      blobs: 0,
    });
  });

  it('carries what is shown of a bundle, also where the other side has it', async () => {
    const graphs = { blob: arm?.blob ?? '', size: arm?.size ?? 0 };
    const { blob, size, unpackedBytes, entries, tree } = before!;
    const archive = { blob, size, unpackedBytes, entries, tree };
    const pack = { name: 'default', ...archive, modules: [], projects: [], graphs };
    const out = join(folder, 'shown');
    const content = { name: 'go', toolchains: [], packs: [pack], rehearsal: null };
    await writeBundle(content, pathOf, out, { against: have });
    expect(existsSync(join(out, blobPath(graphs.blob)))).toBe(true);
    expect(existsSync(join(out, blobPath(blob)))).toBe(false);
    expect(await verifyBundle(out)).toMatchObject({ good: true, blobs: 1 });
  });

  it('gives no blob that it does not carry, and no list of what it has', async () => {
    const bundle = await openBundle(small);
    expect(() => bundle.read(arm?.blob ?? '')).toThrow(
      expect.objectContaining({ code: 'base_missing' }),
    );
    expect(() => blobsIn(bundle)).toThrow(/differential bundle/);
  });

  it('is split and joined as any other', async () => {
    const parts = mkdtempSync(join(folder, 'parts-'));
    await splitBundle(file, { size: 500_000, folder: parts });
    const joined = await joinBundle(parts, { out: join(parts, 'again.gofleet') });
    expect(readFileSync(joined).equals(readFileSync(file))).toBe(true);
  });
});

describe('a differential bundle that is damaged', () => {
  function damaged(change: (copy: string) => void): string {
    const copy = mkdtempSync(join(folder, 'damaged-'));
    cpSync(small, copy, { recursive: true });
    change(copy);
    return copy;
  }
  const parts = (copy: string): string => join(copy, 'parts', after?.blob ?? '');

  it.each<[string, (copy: string) => void, string]>([
    ['a part with another byte', (copy) => flip(parts(copy)), 'hash'],
    ['a part that is too long', (copy) => appendFileSync(parts(copy), 'x'), 'size'],
    ['no part', (copy) => rmSync(parts(copy)), 'missing'],
    ['a foreign part', (copy) => writeFileSync(join(copy, 'parts/x'), ''), 'extra'],
    ['a blob that it should not carry', (copy) => carry(copy), 'extra'],
    ['a cut-off differential.json', (copy) => edit(copy, (text) => text.slice(1)), 'differential'],
    [
      'runs that do not add up',
      (copy) => edit(copy, (text) => text.replace(/"here":\d+/, '"here":1')),
      'differential',
    ],
    [
      'another bundle',
      (copy) => edit(copy, (text) => text.replace(/"bundle":"../, '"bundle":"00')),
      'differential',
    ],
    ['a blob that is put together twice', (copy) => twice(copy, 'composed'), 'differential'],
    ['a blob that is needed twice', (copy) => twice(copy, 'needs'), 'differential'],
    [
      'a needed blob of another size',
      (copy) =>
        edit(copy, (text) => text.replace(`${arm?.blob}","size":`, `${arm?.blob}","size":1`)),
      'differential',
    ],
    ['no differential.json', (copy) => rmSync(join(copy, 'differential.json')), 'missing'],
  ])('is not good with %s', async (_, change, problem) => {
    const { good, faults } = await verifyBundle(damaged(change));
    expect(good).toBe(false);
    expect(faults.map((fault) => fault.problem)).toContain(problem);
  });

  it('leaves no blob behind', async () => {
    const store = await storeWith(old);
    const copy = damaged((each) => flip(parts(each)));
    const imported = importBundle(await openBundle(copy), storeReceiver(store));
    await expect(imported).rejects.toMatchObject({ code: 'blob_mismatch' });
    expect(await store.has(after?.blob ?? '')).toBe(false);
    expect(await store.offset(after?.blob ?? '')).toBeUndefined();
  });

  function flip(path: string): void {
    const bytes = readFileSync(path);
    bytes[1000]! ^= 1;
    writeFileSync(path, bytes);
  }

  function carry(copy: string): void {
    const path = join(copy, blobPath(arm?.blob ?? ''));
    cpSync(join(full, blobPath(arm?.blob ?? '')), path);
  }

  function twice(copy: string, list: 'composed' | 'needs'): void {
    edit(copy, (text) => {
      const differential = Differential.parse(JSON.parse(text));
      const blobs = differential[list];
      return JSON.stringify({ ...differential, [list]: [...blobs, ...blobs] });
    });
  }

  function edit(copy: string, change: (text: string) => string): void {
    const path = join(copy, 'differential.json');
    writeFileSync(path, change(readFileSync(path, 'utf8')));
  }
});

describe('have.json', () => {
  it.each([
    ['no JSON', '{', /is no JSON/],
    ['another schema', '{"schema":2,"blobs":[]}', /schema/],
    ['parts that are none', haveText('AAAA'), /are not those of such a blob/],
    [
      'parts of more bytes than the blob',
      haveText(packParts([{ key: 'ab'.repeat(16), size: 8 }])),
      /are not those/,
    ],
  ])('that is %s is refused', (_, text, message) => {
    expect(() => readHave(text, 'have.json')).toThrow(message);
  });

  function haveText(parts: string): string {
    const blob = { sha256: 'a'.repeat(64), size: 7, bundle: 'go', parts };
    return JSON.stringify({ schema: 1, blobs: [blob] });
  }

  it('knows a blob that is not cut as a whole one', async () => {
    const gzip = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]);
    expect(await partsOf(Readable.from([gzip]))).toEqual([]);
    expect(await partsOf(Readable.from([]))).toEqual([]);
  });

  it('names the members of a blob however it is read', async () => {
    const bytes = readFileSync(pathOf(before?.blob ?? ''));
    const parts = await partsOf(Readable.from([bytes]));
    expect(parts.reduce((sum, { size }) => sum + size, 0)).toBe(bytes.length);
    expect(unpackParts(packParts(parts))).toEqual(parts);
    const some = parts.slice(0, 2);
    const end = some.reduce((sum, { size }) => sum + size, 0);
    const crumbs = Array.from({ length: Math.ceil(end / 7) }, (_, at) =>
      bytes.subarray(at * 7, Math.min(end, at * 7 + 7)),
    );
    expect(await partsOf(Readable.from(crumbs))).toEqual(some);
  });
});

describe('runs', () => {
  const sha = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
  const member = fc.nat(30).map((seed) => noise(String(seed), 20 + seed));
  const blob = fc.array(member, { minLength: 1, maxLength: 20 });
  const partOf = (bytes: Buffer) => ({ key: sha(bytes).slice(0, 32), size: bytes.length });

  it('give back every blob from every byte on, whatever the other side has', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(blob, { maxLength: 4 }),
        blob,
        fc.nat(700),
        fc.integer({ min: 1, max: 50 }),
        async (there, members, start, chunk) => {
          const bases = there.map((each) => ({
            bytes: Buffer.concat(each),
            parts: each.map(partOf),
          }));
          const blobs = bases.map(({ bytes, parts }) => ({
            sha256: sha(bytes),
            size: bytes.length,
            bundle: 'go',
            parts: packParts(parts),
          }));
          const bytes = Buffer.concat([...members, noise('rest', 9)]);
          const planned = planner({ schema: 1, blobs })(members.map(partOf), bytes.length);
          if (!planned) return;
          let at = 0;
          const here: Buffer[] = [];
          const runs = planned.map((run) => {
            const size = 'here' in run ? run.here : run.size;
            if ('here' in run) here.push(bytes.subarray(at, at + size));
            at += size;
            if ('here' in run) return run;
            return { of: blobs.findIndex((each) => each.sha256 === run.blob), at: run.at, size };
          });
          const from = (all: Buffer, begin: number) =>
            Readable.from(
              Array.from({ length: Math.ceil((all.length - begin) / chunk) }, (_, index) =>
                all.subarray(begin + index * chunk, begin + (index + 1) * chunk),
              ),
            );
          const composed = compose(
            { sha256: sha(bytes), size: bytes.length, parts: null, runs },
            { needs: blobs },
            {
              here: (begin) => from(Buffer.concat(here), begin),
              there: (name, begin) =>
                from(
                  bases.find((base) => sha(base.bytes) === name)?.bytes ?? Buffer.alloc(0),
                  begin,
                ),
            },
            start,
          );
          expect(await buffer(Readable.from(composed))).toEqual(bytes.subarray(start));
        },
      ),
      { numRuns: 100 },
    );
  });

  it('are as long as they get', async () => {
    const parts = await partsOf(Readable.from([readFileSync(pathOf(after?.blob ?? ''))]));
    const runs = planner(have)(parts, after?.size ?? 0) ?? [];
    expect(runs.length).toBeLessThanOrEqual(5);
  });
});
