import { createHash } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { checkValue } from '#document';
import { GofleetError } from '#errors';
import type { BundleFiles } from '../open-bundle.ts';
import type { Manifest } from '../schema.ts';
import { Differential } from './schema.ts';

/** How a bundle becomes whole, and the file that says so, byte for byte. */
export interface KeptDifferential extends Differential {
  text: string;
}

/** Where a bundle says that it is a differential one, and of what. */
export const DIFFERENTIAL_FILE = 'differential.json';

const MOST_BYTES = 50_000_000;

/** Reads differential.json of this manifest; undefined where the bundle is a full one. Throws `bundle_invalid`, `invalid_file`. */
export async function readDifferential(
  files: BundleFiles,
  manifest: Manifest,
  digest: string,
): Promise<KeptDifferential | undefined> {
  const size = files.sizes.get(DIFFERENTIAL_FILE);
  if (size === undefined) return undefined;
  if (size > MOST_BYTES) throw damaged(files.path, 'it is larger than 50 MB');
  const json = await text(files.read(DIFFERENTIAL_FILE));
  const name = DIFFERENTIAL_FILE;
  const differential = checkValue(jsonOf(json, files.path), Differential, { name });
  if (differential.bundle !== digest) throw damaged(files.path, 'it is that of another bundle');
  assertBlobs(differential, manifest, files.path);
  return { ...differential, text: json };
}

/** What is put together is in the manifest, with its size; what is needed may be, and is then as large. */
function assertBlobs({ needs, composed }: Differential, { blobs }: Manifest, path: string): void {
  const sizes = new Map(blobs.map(({ sha256, size }) => [sha256, size]));
  const needed = new Set(needs.map(({ sha256 }) => sha256));
  for (const { sha256, size } of composed)
    if (sizes.get(sha256) !== size || needed.has(sha256))
      throw damaged(path, `the manifest has no such blob as ${sha256}`);
  for (const { sha256, size } of needs)
    if ((sizes.get(sha256) ?? size) !== size)
      throw damaged(path, `the manifest has another size for ${sha256}`);
}

export function hashOfText(content: string): { sha256: string; size: number } {
  return {
    sha256: createHash('sha256').update(content).digest('hex'),
    size: Buffer.byteLength(content),
  };
}

function jsonOf(content: string, path: string): unknown {
  try {
    return JSON.parse(content);
  } catch {
    throw damaged(path, 'it is no JSON');
  }
}

function damaged(path: string, why: string): GofleetError {
  return new GofleetError('bundle_invalid', `${path}: ${DIFFERENTIAL_FILE} is not good: ${why}`, {
    remedy: 'Bring the differential bundle anew from where it was built.',
  });
}
