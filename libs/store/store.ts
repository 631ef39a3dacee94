import { createReadStream } from 'node:fs';
import { mkdir, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { GofleetError } from '#errors';
import { appendTo } from './append.ts';
import { assertSha256, type BlobName, type ByteRange } from './blob.ts';
import { publish, remove, statOf, syncFolder } from './disk.ts';
import { fetchInto } from './fetch.ts';
import { createTrust } from './trust.ts';
import type { Places, Store, StoredBlob, StoreOptions } from './types.ts';

/** Opens, and makes where it may, a store. Blobs lie in `sha256/ab/abcdef…`. */
export async function openStore(folder: string, options: StoreOptions = {}): Promise<Store> {
  const places = placesOf(folder);
  if (!options.readOnly)
    for (const each of [places.blobs, places.uploads, places.quarantine])
      await mkdir(each, { recursive: true });
  const quarantine = async (sha256: string): Promise<void> => {
    if (options.readOnly) return;
    await rename(places.blob(sha256), join(places.quarantine, sha256));
    await syncFolder(places.quarantine);
  };
  const trust = createTrust(quarantine);
  const busy = new Set<string>();
  const flights = new Map<string, Promise<StoredBlob>>();

  const store: Store = {
    folder,
    has: async (sha256) => (await statOf(places.blob(sha256))) !== undefined,
    offset: async (sha256) => {
      const found = (await statOf(places.blob(sha256))) ?? (await statOf(places.upload(sha256)));
      return found && Number(found.size);
    },
    append: async (piece) => {
      if (options.readOnly) throw readOnly(folder);
      return appendTo(places, piece, { busy, trust });
    },
    adopt: async (path, sha256) => {
      if (options.readOnly) throw readOnly(folder);
      await publish(path, places.blob(sha256));
      await trust.note(places.blob(sha256));
    },
    fetch: async (blob, source) => {
      const flight = flights.get(blob.sha256) ?? fetchInto(store, blob, source);
      flights.set(blob.sha256, flight);
      return flight.finally(() => {
        if (flights.get(blob.sha256) === flight) flights.delete(blob.sha256);
      });
    },
    get: async (sha256) => {
      const path = places.blob(sha256);
      const size = await trust.check(path, sha256);
      return { sha256, size, path, read: (range) => createReadStream(path, between(range)) };
    },
    verify: async (sha256) => trust.verify(places.blob(sha256), sha256),
    list: async () => listBlobs(places.blobs),
    collect: async (keep) => {
      if (options.readOnly) throw readOnly(folder);
      return collect(places, keep, busy);
    },
  };
  return store;
}

function placesOf(folder: string): Places {
  const blobs = join(folder, 'sha256');
  const uploads = join(folder, 'uploads');
  return {
    folder,
    blobs,
    uploads,
    quarantine: join(folder, 'quarantine'),
    blob: (sha256) => join(blobs, assertSha256(sha256).slice(0, 2), sha256),
    upload: (sha256) => join(uploads, assertSha256(sha256)),
  };
}

/** Node counts the last byte in. */
function between(range?: ByteRange): { start?: number; end?: number; highWaterMark: number } {
  const end = range?.end === undefined ? undefined : range.end - 1;
  return { start: range?.start, end, highWaterMark: 256 * 1024 };
}

function readOnly(folder: string): GofleetError {
  return new GofleetError('internal', `the blob store ${folder} is open for reading only`, {
    remedy: 'Send blobs to the controller.',
  });
}

async function listBlobs(folder: string): Promise<BlobName[]> {
  const names = await readdir(folder, { recursive: true });
  const blobs = names.filter((name) => /^[0-9a-f]{2}\/[0-9a-f]{64}$/.test(name)).sort();
  const found = blobs.map(async (name) => {
    const size = (await statOf(join(folder, name)))?.size;
    return size === undefined ? [] : [{ sha256: name.slice(3), size: Number(size) }];
  });
  return (await Promise.all(found)).flat();
}

async function collect(
  places: Places,
  keep: ReadonlySet<string>,
  busy: ReadonlySet<string>,
): Promise<BlobName[]> {
  const surplus = (await listBlobs(places.blobs)).filter(({ sha256 }) => !keep.has(sha256));
  for (const { sha256 } of surplus) await remove(places.blob(sha256));
  for (const name of await readdir(places.uploads))
    if (!keep.has(name) && !busy.has(name)) await remove(join(places.uploads, name));
  for (const name of await readdir(places.quarantine)) await remove(join(places.quarantine, name));
  return surplus;
}
