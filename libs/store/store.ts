import { createReadStream } from 'node:fs';
import { mkdir, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { GofleetError } from '#errors';
import { appendTo } from './append.ts';
import { assertSha256, type BlobName, type ByteRange } from './blob.ts';
import { publish, remove, statOf, syncFolder } from './disk.ts';
import { fetchInto, type OpenSource } from './fetch.ts';
import { createTrust } from './trust.ts';

export interface StoreOptions {
  /** Opened by somebody else for writing: nothing is created, moved or removed. */
  readOnly?: boolean;
}

/** A blob that is complete and has the hash of its name. */
export interface StoredBlob extends BlobName {
  path: string;
  /** Reads it, or a half-open range of it. */
  read(range?: ByteRange): Readable;
}

/** One piece of an upload; `size` is what the whole blob must have. */
export interface Piece extends BlobName {
  offset: number;
  body: AsyncIterable<Uint8Array>;
}

export interface Progress {
  offset: number;
  complete: boolean;
}

/** Content-addressed blobs in a folder: complete, or on their way in `uploads/`. */
export interface Store {
  readonly folder: string;
  /** Whether it is complete here; not whether its bytes are still good. */
  has(sha256: string): Promise<boolean>;
  /** Bytes that are here: all of a complete blob, the first ones of an upload, undefined for nothing. */
  offset(sha256: string): Promise<number | undefined>;
  /** Appends at exactly `offset` (`upload_offset` with `details.offset`), hashes when full (`blob_mismatch`). */
  append(piece: Piece): Promise<Progress>;
  /** Takes over a synced file on the same disk whose hash the caller has computed while writing it. */
  adopt(path: string, sha256: string): Promise<void>;
  /** Fetches what is missing, once at a time a blob, from where an earlier try stopped. */
  fetch(blob: BlobName, source: OpenSource): Promise<StoredBlob>;
  /** A verified blob: hashed at first use in this process and whenever its file has changed. `blobs_missing`, `blob_corrupt`. */
  get(sha256: string): Promise<StoredBlob>;
  /** Hashes anew; what is corrupt goes to `quarantine/`. */
  verify(sha256: string): Promise<'good' | 'missing' | 'corrupt'>;
  list(): Promise<BlobName[]>;
  /** Removes blobs and uploads that are not kept, and the quarantine; answers what was removed. */
  collect(keep: ReadonlySet<string>): Promise<BlobName[]>;
}

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

/** Where things lie in a store. */
export interface Places {
  folder: string;
  blobs: string;
  uploads: string;
  quarantine: string;
  blob(sha256: string): string;
  upload(sha256: string): string;
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
