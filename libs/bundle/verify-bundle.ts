import { text } from 'node:stream/consumers';
import { isGofleetError } from '#errors';
import { carriedFiles, type CarriedFile } from './carried.ts';
import { readDifferential, type KeptDifferential } from './differential/index.ts';
import { digestOf, readManifest } from './manifest.ts';
import {
  openFiles,
  readManifestBytes,
  readSignatureText,
  SIGNATURE_FILE,
  type BundleFiles,
} from './open-bundle.ts';
import {
  checkSignature,
  faultOf,
  judgeSignature,
  readSignature,
  type SigningPolicy,
  type Trust,
} from './signature/index.ts';
import type { Manifest } from './schema.ts';
import { sumsOf } from './sums.ts';
import { checkArchives } from './verify/check-archives.ts';
import type { PlaceHash } from './verify/hash-place.ts';
import { hashPlaces } from './verify/hash-places.ts';

/** One thing that is not as the manifest says. */
export interface BundleFault {
  /** A path in the bundle. */
  path: string;
  problem:
    | 'missing'
    | 'size'
    | 'hash'
    | 'unreadable'
    | 'extra'
    | 'sums'
    | 'manifest'
    | 'differential'
    | 'signature'
    | 'contents';
  message: string;
}

export interface VerifyReport {
  good: boolean;
  /** SHA-256 of manifest.json. */
  digest: string;
  /** undefined where the manifest cannot be read. */
  name: string | undefined;
  /** What was hashed: blobs, and in a differential bundle parts of blobs. */
  blobs: number;
  bytes: number;
  /** Blobs that the other side has to have before it can be imported there; none for a full bundle. */
  needs: { sha256: string; size: number; bundle: string }[];
  /** What was found out about its signature; undefined where the manifest cannot be read. */
  trust: Trust | undefined;
  faults: BundleFault[];
}

export interface VerifyOptions {
  /** Called with the bytes hashed so far and in all. */
  progress?: (done: number, total: number) => void;
  /** Unpacks every archive to nowhere, too, and compares what is in it with the manifest. */
  deep?: boolean;
  /** Who may sign; absent: a signature is checked against the manifest and not against people. */
  signing?: SigningPolicy | undefined;
}

/** Hashes everything and names every fault, not only the first; needs no network. Throws where there is no bundle at all. */
export async function verifyBundle(
  path: string,
  options: VerifyOptions = {},
): Promise<VerifyReport> {
  const files = await openFiles(path);
  const bytes = await readManifestBytes(files);
  const digest = digestOf(bytes);
  const read = await readOrFaults(files, bytes, digest);
  if ('faults' in read)
    return {
      good: false,
      digest,
      name: undefined,
      blobs: 0,
      bytes: 0,
      needs: [],
      trust: undefined,
      faults: read.faults,
    };
  const { manifest, differential } = read;
  const carried = carriedFiles(manifest, differential);
  const { trust, fault } = await judge(files, bytes, options.signing);
  const faults = [
    ...fault,
    ...(await sumsFaults(files, carried, digest)),
    ...(await fileFaults(files, carried, options)),
    ...extraFiles(files, carried),
  ];
  if (options.deep) faults.push(...(await deepFaults(files, manifest, carried, faults, options)));
  const blobs = carried.filter(({ path: name }) => name.includes('/'));
  return {
    good: faults.length === 0,
    digest,
    name: manifest.name,
    blobs: blobs.length,
    bytes: blobs.reduce((sum, { size }) => sum + size, 0),
    needs: differential?.needs ?? [],
    trust,
    faults,
  };
}

/** A signature that is broken is a fault whoever may sign; one that nobody made only where one is required. */
async function judge(
  files: BundleFiles,
  manifest: Buffer,
  signing: SigningPolicy | undefined,
): Promise<{ trust: Trust; fault: BundleFault[] }> {
  try {
    const signature = await readSignatureText(files);
    if (signing)
      return { trust: judgeSignature(manifest, signature, signing, Date.now()), fault: [] };
    if (signature !== null) checkSignature(readSignature(signature), manifest);
    return { trust: { state: 'unchecked' }, fault: [] };
  } catch (error) {
    const trust = faultOf(error);
    if (!trust) throw error;
    const fault = { path: SIGNATURE_FILE, problem: 'signature' as const, message: trust.message };
    return { trust, fault: [fault] };
  }
}

async function readOrFaults(
  files: BundleFiles,
  bytes: Buffer,
  digest: string,
): Promise<Read | { faults: BundleFault[] }> {
  let reading: 'manifest' | 'differential' = 'manifest';
  try {
    const manifest = readManifest(bytes);
    reading = 'differential';
    return { manifest, differential: await readDifferential(files, manifest, digest) };
  } catch (error) {
    if (!isGofleetError(error)) throw error;
    const found = error.errors.length > 0 ? error.errors : [{ path: '', message: error.message }];
    const faults = found.map(({ path, message }) => ({
      path: `${reading}.json`,
      problem: reading,
      message: path ? `${path}: ${message}` : message,
    }));
    return { faults };
  }
}

interface Read {
  manifest: Manifest;
  differential: KeptDifferential | undefined;
}

async function sumsFaults(
  files: BundleFiles,
  carried: readonly CarriedFile[],
  digest: string,
): Promise<BundleFault[]> {
  const path = 'SHA256SUMS';
  if (!files.sizes.has(path)) return [{ path, problem: 'missing', message: 'is missing' }];
  const wanted = sumsOf(carried, digest);
  if (files.sizes.get(path) === wanted.length && (await text(files.read(path))) === wanted)
    return [];
  return [{ path, problem: 'sums', message: 'does not say what the manifest says' }];
}

async function fileFaults(
  files: BundleFiles,
  carried: readonly CarriedFile[],
  { progress }: VerifyOptions,
): Promise<BundleFault[]> {
  const faults = carried.flatMap(({ path, size }) =>
    lengthFault(path, size, files.sizes.get(path)),
  );
  const bad = new Set(faults.map(({ path }) => path));
  const whole = carried.filter(({ path }) => !bad.has(path));
  const total = whole.reduce((sum, { size }) => sum + size, 0);
  let done = 0;
  const hashes = await hashPlaces(
    whole.map(({ path }) => files.place(path)),
    (bytes) => progress?.((done += bytes), total),
  );
  return [
    ...faults,
    ...whole.flatMap(({ path, sha256 }, index) => hashFault(path, sha256, hashes[index])),
  ];
}

/** What is in archives that have their hashes. */
async function deepFaults(
  files: BundleFiles,
  manifest: Manifest,
  carried: readonly CarriedFile[],
  known: readonly BundleFault[],
  { progress }: VerifyOptions,
): Promise<BundleFault[]> {
  const bad = new Set(known.map(({ path }) => path));
  const good = carried.filter(({ path }) => !bad.has(path));
  const total = good.reduce((sum, { size }) => sum + size, 0);
  let done = 0;
  const blobs = new Set(good.map(({ sha256 }) => sha256));
  const found = await checkArchives(files, manifest, blobs, (bytes) =>
    progress?.((done += bytes), total),
  );
  return found.map((fault) => ({ ...fault, problem: 'contents' }));
}

function lengthFault(path: string, size: number, actual: number | undefined): BundleFault[] {
  if (actual === size) return [];
  if (actual === undefined) return [{ path, problem: 'missing', message: 'is missing' }];
  return [{ path, problem: 'size', message: `has ${actual} bytes and should have ${size}` }];
}

function hashFault(path: string, sha256: string, found: PlaceHash | undefined): BundleFault[] {
  if (found && 'unreadable' in found)
    return [{ path, problem: 'unreadable', message: `cannot be read: ${found.unreadable}` }];
  if (found?.sha256 === sha256) return [];
  return [{ path, problem: 'hash', message: `has the SHA-256 ${found?.sha256}` }];
}

function extraFiles(files: BundleFiles, carried: readonly CarriedFile[]): BundleFault[] {
  const known = new Set([
    'manifest.json',
    SIGNATURE_FILE,
    'SHA256SUMS',
    ...carried.map(({ path }) => path),
  ]);
  return [...files.sizes.keys()]
    .filter((path) => !known.has(path))
    .sort()
    .map((path) => ({ path, problem: 'extra', message: 'is not in the manifest' }));
}
