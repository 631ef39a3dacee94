import type { Readable } from 'node:stream';
import type { BlobName, ByteRange } from './blob.ts';

/** Opens a blob elsewhere, from a byte on. */
export type OpenSource = (offset: number) => Promise<AsyncIterable<Uint8Array>>;

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

/** Where things lie in a store. */
export interface Places {
  folder: string;
  blobs: string;
  uploads: string;
  quarantine: string;
  blob(sha256: string): string;
  upload(sha256: string): string;
}
