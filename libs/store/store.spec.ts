import { createHash } from 'node:crypto';
import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStore, type Store } from '#store';

let folder: string;
let store: Store;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'store-'));
  store = await openStore(folder);
});
afterEach(() => rmSync(folder, { recursive: true }));

const sha = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const body = (...chunks: Uint8Array[]): AsyncIterable<Uint8Array> => Readable.from(chunks);
const BYTES = Buffer.from('the bytes of a blob');
const NAME = { sha256: sha(BYTES), size: BYTES.length };
const place = (): string => join(folder, 'sha256', NAME.sha256.slice(0, 2), NAME.sha256);

async function put(): Promise<void> {
  await store.append({ ...NAME, offset: 0, body: body(BYTES) });
}

async function* cutAfter(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
  throw new Error('connection cut');
}

/** Same length, another content, and a time that differs for sure. */
function corrupt(): void {
  writeFileSync(place(), Buffer.alloc(BYTES.length));
  utimesSync(place(), 1, 1);
}

describe('an upload', () => {
  it('arrives in any pieces, with cuts in between, and is found complete by another process', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 2000 }),
        fc.array(fc.tuple(fc.nat(300), fc.boolean()), { maxLength: 8 }),
        async (bytes, pieces) => {
          const name = { sha256: sha(bytes), size: bytes.length };
          const other = await openStore(mkdtempSync(join(folder, 'case-')));
          for (const [length, cut] of [...pieces, [bytes.length, false] as const]) {
            const offset = (await other.offset(name.sha256)) ?? 0;
            const piece = bytes.subarray(offset, offset + length);
            const sent = other.append({
              ...name,
              offset,
              body: cut ? cutAfter(piece) : body(piece),
            });
            await sent.catch((error: unknown) => expect(String(error)).toContain('cut'));
          }
          const again = await openStore(other.folder, { readOnly: true });
          const blob = await again.get(name.sha256);
          expect(await buffer(blob.read())).toEqual(Buffer.from(bytes));
        },
      ),
      { numRuns: 40 },
    );
  });

  it('is refused at another offset, with the right one', async () => {
    await store.append({ ...NAME, offset: 0, body: body(BYTES.subarray(0, 4)) });
    const sent = store.append({ ...NAME, offset: 3, body: body(BYTES.subarray(3)) });
    await expect(sent).rejects.toMatchObject({ code: 'upload_offset', details: { offset: 4 } });
    expect(await store.has(NAME.sha256)).toBe(false);
  });

  it('with other bytes is blob_mismatch and starts again at 0', async () => {
    const sent = store.append({ ...NAME, offset: 0, body: body(Buffer.alloc(BYTES.length)) });
    await expect(sent).rejects.toMatchObject({ code: 'blob_mismatch' });
    expect(await store.offset(NAME.sha256)).toBeUndefined();
  });

  it('never becomes longer than it should', async () => {
    const sent = store.append({ ...NAME, offset: 0, body: body(BYTES, BYTES) });
    await expect(sent).rejects.toMatchObject({ code: 'blob_mismatch' });
    expect(await store.offset(NAME.sha256)).toBe(0);
  });

  it('has one writer', async () => {
    const first = store.append({ ...NAME, offset: 0, body: body(BYTES) });
    const second = store.append({ ...NAME, offset: 0, body: body(BYTES) });
    const codes = await Promise.allSettled([first, second]);
    // both began at once, and which of them comes first is not said
    expect(codes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it('that is repeated after its answer was lost is complete', async () => {
    await put();
    const again = store.append({ ...NAME, offset: BYTES.length, body: body() });
    expect(await again).toEqual({ offset: BYTES.length, complete: true });
  });

  it('of a name that is no hash touches nothing', async () => {
    const sent = store.append({ sha256: '../../etc/passwd', size: 1, offset: 0, body: body() });
    await expect(sent).rejects.toMatchObject({ code: 'invalid_request' });
  });
});

describe('a blob', () => {
  beforeEach(put);

  it('is read by half-open ranges', async () => {
    const blob = await store.get(NAME.sha256);
    expect((await buffer(blob.read({ start: 4, end: 9 }))).toString()).toBe('bytes');
    expect((await buffer(blob.read({ start: 15 }))).toString()).toBe('blob');
  });

  it('that changed on disk is found before it is used, and put aside', async () => {
    await store.get(NAME.sha256);
    corrupt();
    await expect(store.get(NAME.sha256)).rejects.toMatchObject({ code: 'blob_corrupt' });
    expect(await store.has(NAME.sha256)).toBe(false);
    expect(statSync(join(folder, 'quarantine', NAME.sha256)).size).toBe(BYTES.length);
  });

  it('that is corrupt stays where it is in a store opened for reading', async () => {
    corrupt();
    const reader = await openStore(folder, { readOnly: true });
    await expect(reader.get(NAME.sha256)).rejects.toMatchObject({ code: 'blob_corrupt' });
    expect(await reader.has(NAME.sha256)).toBe(true);
    expect(await store.verify(NAME.sha256)).toBe('corrupt');
    expect(await store.verify(NAME.sha256)).toBe('missing');
  });

  it('is listed, and collected when nobody keeps it', async () => {
    appendFileSync(join(folder, 'uploads', 'a'.repeat(64)), 'x');
    expect(await store.list()).toEqual([NAME]);
    expect(await store.collect(new Set([NAME.sha256]))).toEqual([]);
    expect(await store.offset('a'.repeat(64))).toBeUndefined();
    expect(await store.collect(new Set())).toEqual([NAME]);
    expect(await store.list()).toEqual([]);
  });
});

describe('fetching', () => {
  it('asks once for many, from the byte it has', async () => {
    await store.append({ ...NAME, offset: 0, body: body(BYTES.subarray(0, 5)) });
    const asked: number[] = [];
    const source = (offset: number): Promise<AsyncIterable<Uint8Array>> => {
      asked.push(offset);
      return Promise.resolve(body(BYTES.subarray(offset)));
    };
    const blobs = await Promise.all([1, 2, 3].map(() => store.fetch(NAME, source)));
    await store.fetch(NAME, source);
    expect(asked).toEqual([5]);
    expect(readFileSync(blobs[2]?.path ?? '')).toEqual(BYTES);
  });

  it('starts anew where the first bytes were wrong, and where the blob went bad', async () => {
    await store.append({ ...NAME, offset: 0, body: body(Buffer.alloc(5)) });
    const source = (offset: number): Promise<AsyncIterable<Uint8Array>> =>
      Promise.resolve(body(BYTES.subarray(offset)));
    await store.fetch(NAME, source);
    corrupt();
    const blob = await store.fetch(NAME, source);
    expect(readFileSync(blob.path)).toEqual(BYTES);
  });

  it('that breaks off keeps what it got and may be tried again', async () => {
    const broken = store.fetch(NAME, () => Promise.resolve(body(BYTES.subarray(0, 7))));
    await expect(broken).rejects.toMatchObject({ code: 'unavailable', retryable: true });
    expect(await store.offset(NAME.sha256)).toBe(7);
  });
});
