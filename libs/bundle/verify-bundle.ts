import { createHash } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import { text } from 'node:stream/consumers';
import { isGofleetError } from '#errors';
import pLimit from 'p-limit';
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

/** One thing that is not as the manifest says. */
export interface BundleFault {
  /** A path in the bundle. */
  path: string;
  problem: 'missing' | 'size' | 'hash' | 'extra' | 'sums' | 'manifest' | 'signature';
  message: string;
}

export interface VerifyReport {
  good: boolean;
  /** SHA-256 of manifest.json. */
  digest: string;
  /** undefined where the manifest cannot be read. */
  name: string | undefined;
  /** What was hashed. */
  blobs: number;
  bytes: number;
  /** What was found out about its signature; undefined where the manifest cannot be read. */
  trust: Trust | undefined;
  faults: BundleFault[];
}

export interface VerifyOptions {
  /** Called with the bytes hashed so far and in all. */
  progress?: (done: number, total: number) => void;
  /** Who may sign; absent: a signature is checked against the manifest and not against people. */
  signing?: SigningPolicy | undefined;
}

const AT_ONCE = 4;

/** Hashes everything and names every fault, not only the first; needs no network. Throws where there is no bundle at all. */
export async function verifyBundle(
  path: string,
  options: VerifyOptions = {},
): Promise<VerifyReport> {
  const files = await openFiles(path);
  const bytes = await readManifestBytes(files);
  const digest = digestOf(bytes);
  const manifest = manifestOrFaults(bytes);
  if (Array.isArray(manifest))
    return {
      good: false,
      digest,
      name: undefined,
      blobs: 0,
      bytes: 0,
      trust: undefined,
      faults: manifest,
    };
  const { trust, fault } = await judge(files, bytes, options.signing);
  const faults = [
    ...fault,
    ...(await sumsFaults(files, manifest, digest)),
    ...(await blobFaults(files, manifest, options)),
    ...extraFiles(files, manifest),
  ];
  return {
    good: faults.length === 0,
    digest,
    name: manifest.name,
    blobs: manifest.blobs.length,
    bytes: manifest.blobs.reduce((sum, { size }) => sum + size, 0),
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

function manifestOrFaults(bytes: Buffer): Manifest | BundleFault[] {
  try {
    return readManifest(bytes);
  } catch (error) {
    if (!isGofleetError(error)) throw error;
    const found = error.errors.length > 0 ? error.errors : [{ path: '', message: error.message }];
    return found.map(({ path, message }) => ({
      path: 'manifest.json',
      problem: 'manifest',
      message: path ? `${path}: ${message}` : message,
    }));
  }
}

async function sumsFaults(
  files: BundleFiles,
  manifest: Manifest,
  digest: string,
): Promise<BundleFault[]> {
  const path = 'SHA256SUMS';
  if (!files.sizes.has(path)) return [{ path, problem: 'missing', message: 'is missing' }];
  const wanted = sumsOf(manifest, digest);
  if (files.sizes.get(path) === wanted.length && (await text(files.read(path))) === wanted)
    return [];
  return [{ path, problem: 'sums', message: 'does not say what the manifest says' }];
}

async function blobFaults(
  files: BundleFiles,
  { blobs }: Manifest,
  { progress }: VerifyOptions,
): Promise<BundleFault[]> {
  const total = blobs.reduce((sum, { size }) => sum + size, 0);
  const limit = pLimit(AT_ONCE);
  let done = 0;
  const found = blobs.map((blob) =>
    limit(async (): Promise<BundleFault[]> => {
      const { path, size, sha256 } = blob;
      const actual = files.sizes.get(path);
      if (actual === undefined) return [{ path, problem: 'missing', message: 'is missing' }];
      if (actual !== size)
        return [{ path, problem: 'size', message: `has ${actual} bytes and should have ${size}` }];
      const hash = await hashOf(files, path, (bytes) => progress?.((done += bytes), total));
      if (hash === sha256) return [];
      return [{ path, problem: 'hash', message: `has the SHA-256 ${hash}` }];
    }),
  );
  return (await Promise.all(found)).flat();
}

async function hashOf(
  files: BundleFiles,
  name: string,
  seen: (bytes: number) => void,
): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(
    files.read(name),
    async function* count(chunks: AsyncIterable<Uint8Array>) {
      for await (const chunk of chunks) {
        seen(chunk.byteLength);
        yield chunk;
      }
    },
    hash,
  );
  return hash.digest('hex');
}

function extraFiles(files: BundleFiles, { blobs }: Manifest): BundleFault[] {
  const known = new Set([
    'manifest.json',
    SIGNATURE_FILE,
    'SHA256SUMS',
    ...blobs.map(({ path }) => path),
  ]);
  return [...files.sizes.keys()]
    .filter((path) => !known.has(path))
    .sort()
    .map((path) => ({ path, problem: 'extra', message: 'is not in the manifest' }));
}
