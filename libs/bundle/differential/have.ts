import { checkValue } from '#document';
import { GofleetError } from '#errors';
import type { OpenBundle } from '../open-bundle.ts';
import { packParts, partsOf } from './parts.ts';
import { Have, type HaveBlob } from './schema.ts';

/** A blob that is to be looked through. */
export interface BlobSource {
  sha256: string;
  size: number;
  /** Name of a bundle that has it. */
  bundle: string;
  read: () => AsyncIterable<Uint8Array>;
}

/** Blobs that the other side has, with the members that they begin with; reads them whole. */
export async function haveOf(blobs: readonly BlobSource[]): Promise<Have> {
  const found = new Map<string, HaveBlob>();
  for (const { sha256, size, bundle, read } of blobs)
    if (!found.has(sha256))
      found.set(sha256, { sha256, size, bundle, parts: packParts(await partsOf(read())) });
  return { schema: 1, blobs: [...found.values()] };
}

/** The blobs of bundles on this disk. A differential one does not know what is in the blobs that it lacks (`usage`). */
export function blobsIn(bundle: OpenBundle): BlobSource[] {
  if (bundle.differential)
    throw new GofleetError('usage', `${bundle.path} is a differential bundle`, {
      remedy: 'Name the full bundle, or ask the controller: `gofleet bundle have NAME`.',
    });
  return bundle.manifest.blobs.map(({ sha256, size }) => ({
    sha256,
    size,
    bundle: bundle.manifest.name,
    read: () => bundle.read(sha256),
  }));
}

/** Reads have.json. Throws `invalid_file`. */
export function readHave(text: string, name: string): Have {
  return checkValue(jsonOf(text, name), Have, { name });
}

function jsonOf(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new GofleetError('invalid_file', `${name} is no JSON`, {
      remedy: 'Name what `gofleet bundle have` printed on the other side, whole.',
      cause: error,
    });
  }
}
