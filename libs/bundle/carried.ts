import { DIFFERENTIAL_FILE, hashOfText, type KeptDifferential } from './differential/index.ts';
import type { Manifest } from './schema.ts';

/** A file that a bundle carries beside its manifest, signature and sums. */
export interface CarriedFile {
  path: string;
  sha256: string;
  size: number;
}

/** Everything in a bundle that is hashed, but its manifest: of a differential one what the other side lacks. */
export function carriedFiles(
  manifest: Pick<Manifest, 'blobs' | 'sbom'>,
  differential: KeptDifferential | undefined,
): CarriedFile[] {
  const sbom = manifest.sbom ? [{ path: SBOM_FILE, ...manifest.sbom }] : [];
  if (!differential) return [...sbom, ...manifest.blobs];
  const { text, needs, composed } = differential;
  const absent = new Set([...needs, ...composed].map(({ sha256 }) => sha256));
  return [
    ...sbom,
    { path: DIFFERENTIAL_FILE, ...hashOfText(text) },
    ...manifest.blobs.filter(({ sha256 }) => !absent.has(sha256)),
    ...composed.flatMap(({ sha256, parts }) =>
      parts ? [{ path: partsPath(sha256), ...parts }] : [],
    ),
  ];
}

/** CycloneDX, beside the manifest. */
export const SBOM_FILE = 'sbom.cdx.json';

/** Where the members lie that the other side lacks of a blob: `parts/abcdef…`. */
export function partsPath(blob: string): string {
  return `parts/${blob}`;
}
