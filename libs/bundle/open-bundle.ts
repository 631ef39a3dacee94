import { createReadStream, type Dirent } from 'node:fs';
import { lstat, readdir, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { Readable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { GofleetError } from '#errors';
import type { ByteRange } from '#store';
import { readDifferential, type KeptDifferential } from './differential/index.ts';
import { digestOf, readManifest } from './manifest.ts';
import { blobPath, type Manifest } from './schema.ts';
import { indexTar, type Span } from './tar/tar-index.ts';

/** The files of a bundle, be it a folder or one `.gofleet`; nothing of it has been checked yet. */
export interface BundleFiles {
  path: string;
  /** Name to size; names as in the folder: `manifest.json`, `blobs/sha256/ab/abcdef…`. */
  sizes: ReadonlyMap<string, number>;
  read(name: string, range?: ByteRange): Readable;
  /** Where its bytes lie on the disk. */
  place(name: string): FilePlace;
}

/** Bytes of a file on this disk. */
export interface FilePlace extends Span {
  path: string;
}

/** A bundle whose manifest has been read and is sound; its blobs have not been hashed. */
export interface OpenBundle {
  path: string;
  manifest: Manifest;
  /** manifest.json byte for byte: what is sent to a controller and hashed. */
  manifestText: string;
  /** SHA-256 of the manifest, in hex. */
  digest: string;
  /** manifest.json.sig, not checked; null where it is not signed. */
  signature: string | null;
  /** How it becomes whole beside what the other side has; undefined where it carries everything. */
  differential: KeptDifferential | undefined;
  files: BundleFiles;
  /** Streams a blob or a half-open range of it. `base_missing` where a differential bundle does not carry it. */
  read: (sha256: string, range?: ByteRange) => Readable;
}

/** Where the signature over manifest.json lies in a bundle. */
export const SIGNATURE_FILE = 'manifest.json.sig';

const MOST_MANIFEST = 5_000_000;

/** Opens a bundle folder or `.gofleet` file. Throws `bundle_invalid`, `invalid_file`. */
export async function openBundle(path: string): Promise<OpenBundle> {
  const files = await openFiles(path);
  const bytes = await readManifestBytes(files);
  const manifest = readManifest(bytes);
  const digest = digestOf(bytes);
  const differential = await readDifferential(files, manifest, digest);
  return {
    path,
    manifest,
    manifestText: bytes.toString('utf8'),
    digest,
    signature: await readSignatureText(files),
    differential,
    files,
    read: (sha256, range) => {
      if (differential && !files.sizes.has(blobPath(sha256))) throw notCarried(path, sha256);
      return files.read(blobPath(sha256), range);
    },
  };
}

export async function openFiles(path: string): Promise<BundleFiles> {
  const found = await stat(path).catch(() => undefined);
  if (!found) throw noBundle(path, 'there is nothing');
  if (found.isDirectory()) return openFolder(path);
  if (found.isFile()) return openTar(path);
  throw noBundle(path, 'it is neither a folder nor a file');
}

export async function readManifestBytes(files: BundleFiles): Promise<Buffer> {
  const size = files.sizes.get('manifest.json');
  if (size === undefined) throw noBundle(files.path, 'it has no manifest.json');
  if (size > MOST_MANIFEST) throw noBundle(files.path, 'its manifest.json is larger than 5 MB');
  return buffer(files.read('manifest.json'));
}

const MOST_SIGNATURE = 100_000;

/** The text of manifest.json.sig, not checked; null where there is none. Throws `bundle_invalid` for one that is too large. */
export async function readSignatureText(files: BundleFiles): Promise<string | null> {
  const size = files.sizes.get(SIGNATURE_FILE);
  if (size === undefined) return null;
  if (size > MOST_SIGNATURE) throw noBundle(files.path, `its ${SIGNATURE_FILE} is too large`);
  return text(files.read(SIGNATURE_FILE));
}

/** A folder that is none is not looked through: it may be the root of a disk. */
async function openFolder(path: string): Promise<BundleFiles> {
  if (!(await lstat(join(path, 'manifest.json')).catch(() => undefined)))
    throw noBundle(path, 'it has no manifest.json');
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const places = new Map<string, FilePlace>();
  for (const entry of entries) {
    if (entry.isDirectory()) continue;
    const file = join(entry.parentPath, entry.name);
    const name = relative(path, file);
    if (!entry.isFile()) throw noBundle(path, `${JSON.stringify(name)} is a ${kindOf(entry)}`);
    places.set(name, { path: file, offset: 0, size: (await lstat(file)).size });
  }
  return filesAt(path, places);
}

async function openTar(path: string): Promise<BundleFiles> {
  const spans = await indexTar(path);
  return filesAt(path, new Map([...spans].map(([name, span]) => [name, { path, ...span }])));
}

function filesAt(path: string, places: ReadonlyMap<string, FilePlace>): BundleFiles {
  const place = (name: string): FilePlace => {
    const found = places.get(name);
    if (!found) throw noBundle(path, `it has no ${name}`);
    return found;
  };
  return {
    path,
    sizes: new Map([...places].map(([name, { size }]) => [name, size])),
    read: (name, range) => readPlace(place(name), range),
    place,
  };
}

function kindOf(entry: Dirent): string {
  if (entry.isSymbolicLink()) return 'symbolic link';
  return entry.isFIFO() ? 'named pipe' : entry.isSocket() ? 'socket' : 'device file';
}

/** Node counts the last byte in and cannot open an empty range. */
function readPlace({ path, offset, size }: FilePlace, range: ByteRange = { start: 0 }): Readable {
  const end = Math.min(range.end ?? size, size);
  if (range.start >= end) return Readable.from([]);
  const positions = { start: offset + range.start, end: offset + end - 1 };
  return createReadStream(path, { ...positions, highWaterMark: 1 << 20 });
}

function notCarried(path: string, sha256: string): GofleetError {
  const message = `${path} is a differential bundle and does not carry the blob ${sha256}`;
  return new GofleetError('base_missing', message, {
    remedy: 'Use the full bundle, or import this one where the rest of it is.',
  });
}

function noBundle(path: string, why: string): GofleetError {
  return new GofleetError('bundle_invalid', `${path} is no bundle: ${why}`, {
    remedy: 'Name a bundle folder or a .gofleet file, as `gofleet bundle build` makes them.',
  });
}
