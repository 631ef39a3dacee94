import { mkdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BlobName, OpenSource, Store, StoredBlob } from '#store';
import { formatBytes } from '#units';
import type { Log } from '#conductor';

/** Blobs on the machine of a worker, never more bytes than allowed but for what claims in hand need. */
export interface Cache {
  /** A verified one; what is not here is fetched, once at a time. */
  get(blob: BlobName): Promise<StoredBlob>;
  /** Hashes it anew, and fetches it again where it went bad. */
  renew(blob: BlobName): Promise<void>;
  /** A claim needs these until it has ended. */
  hold(blobs: readonly BlobName[]): Disposable;
}

export interface CacheOptions {
  /** Bytes. */
  size: number;
  fetch(blob: BlobName): OpenSource;
  log: Pick<Log, 'info' | 'warn'>;
}

/** Makes room before it fetches: what was used longest ago goes first. When each was used is known over restarts. */
export async function openCache(store: Store, options: CacheOptions): Promise<Cache> {
  const used = await openUses(join(store.folder, 'used'));
  const held = new Map<string, number>();
  const coming = new Map<string, BlobName>();
  let making: Promise<void> = Promise.resolve();

  async function get(blob: BlobName): Promise<StoredBlob> {
    if (!(await store.has(blob.sha256))) await fetchInto(blob);
    const found = await store.fetch(blob, options.fetch(blob));
    await used.note(blob.sha256);
    return found;
  }

  async function fetchInto(blob: BlobName): Promise<void> {
    coming.set(blob.sha256, blob);
    try {
      const room = making.then(() => makeRoom(blob));
      // one at a time, so that each sees what the others have left
      making = room.catch(() => undefined);
      await room;
      await store.fetch(blob, options.fetch(blob));
    } finally {
      coming.delete(blob.sha256);
    }
  }

  async function makeRoom({ sha256 }: BlobName): Promise<void> {
    const there = await store.list();
    const needed = new Set([...held.keys(), ...coming.keys(), sha256]);
    const bytes = sum(new Map([...coming, ...there.map(byName)]).values());
    const free = there.filter((blob) => !needed.has(blob.sha256));
    const gone = oldest(await used.sort(free), bytes - options.size);
    tellOver(bytes - sum(gone), options);
    if (gone.length === 0) return;
    const kept = new Map(there.map(byName));
    for (const blob of gone) kept.delete(blob.sha256);
    await store.collect(new Set([...kept.keys(), ...needed]));
    await used.forget(gone);
    options.log.info({ blobs: gone.length, bytes: sum(gone) }, 'made room in the cache');
  }

  function release(blobs: readonly BlobName[]): void {
    for (const { sha256 } of blobs) {
      const users = (held.get(sha256) ?? 1) - 1;
      if (users === 0) held.delete(sha256);
      else held.set(sha256, users);
    }
  }

  return {
    get,
    async renew(blob) {
      if ((await store.verify(blob.sha256)) !== 'good') await get(blob);
    },
    hold(blobs) {
      for (const { sha256 } of blobs) held.set(sha256, (held.get(sha256) ?? 0) + 1);
      return { [Symbol.dispose]: () => release(blobs) };
    },
  };
}

/** So many of the first as have the bytes that are too much. */
function oldest(blobs: readonly BlobName[], surplus: number): BlobName[] {
  const gone: BlobName[] = [];
  for (const blob of blobs) {
    if (sum(gone) >= surplus) break;
    gone.push(blob);
  }
  return gone;
}

function tellOver(bytes: number, { size, log }: CacheOptions): void {
  if (bytes <= size) return;
  const numbers = { needed: formatBytes(bytes), allowed: formatBytes(size) };
  log.warn(numbers, 'hosts at work need more than the cache may take: see --cache-size');
}

function sum(blobs: Iterable<BlobName>): number {
  return [...blobs].reduce((total, { size }) => total + size, 0);
}

function byName(blob: BlobName): [string, BlobName] {
  return [blob.sha256, blob];
}

/** When each blob was used last: the time of an empty file of its name, since that of the blob tells whether it changed. */
async function openUses(folder: string) {
  await mkdir(folder, { recursive: true });
  const place = ({ sha256 }: Pick<BlobName, 'sha256'>) => join(folder, sha256);
  const timeOf = async (blob: BlobName) =>
    (await stat(place(blob)).catch(() => undefined))?.mtimeMs ?? 0;
  return {
    async note(sha256: string): Promise<void> {
      const path = place({ sha256 });
      const now = new Date();
      await utimes(path, now, now).catch(() => writeFile(path, ''));
    },
    /** Those first that nobody is known to have used, then from the oldest use on. */
    async sort(blobs: readonly BlobName[]): Promise<BlobName[]> {
      const timed = await Promise.all(
        blobs.map(async (blob) => ({ blob, at: await timeOf(blob) })),
      );
      return timed.toSorted((a, b) => a.at - b.at).map(({ blob }) => blob);
    },
    async forget(blobs: readonly BlobName[]): Promise<void> {
      for (const blob of blobs) await rm(place(blob), { force: true });
    },
  };
}
