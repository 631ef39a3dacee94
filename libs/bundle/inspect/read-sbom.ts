import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { GofleetError } from '#errors';
import { SBOM_FILE } from '../carried.ts';
import type { OpenBundle } from '../open-bundle.ts';

/** Far more than the bills of the largest bundles, in bytes. */
const MOST_BYTES = 200_000_000;

/**
 * The text of sbom.cdx.json, hashed against the manifest. Throws `not_found` where the bundle has none, `bundle_invalid`
 * where it is not what the manifest says.
 */
export async function readSbom({ path, manifest, files }: OpenBundle): Promise<string> {
  const { sbom } = manifest;
  if (sbom === null)
    throw new GofleetError('not_found', `${path} has no bill of materials`, {
      remedy: 'Build it again: bundles get one since their manifest names it.',
    });
  const size = files.sizes.get(SBOM_FILE);
  if (size !== sbom.size || size > MOST_BYTES) throw unsound(path);
  const bytes = await buffer(files.read(SBOM_FILE));
  if (createHash('sha256').update(bytes).digest('hex') !== sbom.sha256) throw unsound(path);
  return bytes.toString('utf8');
}

function unsound(path: string): GofleetError {
  return new GofleetError(
    'bundle_invalid',
    `${SBOM_FILE} of ${path} is not what its manifest says`,
    {
      remedy: 'See what `gofleet bundle verify` says, and bring the bundle anew.',
    },
  );
}
