import { z } from 'zod';
import { Time } from './common.ts';
import { BlobRef } from './worker.ts';

export const BundleBody = z.strictObject({
  /** manifest.json, byte for byte. */
  manifest: z.string().max(50_000_000),
  /** manifest.json.sig. */
  signature: z.string().nullable(),
});
export type BundleBody = z.infer<typeof BundleBody>;

export const BundleSummary = z.strictObject({
  name: z.string(),
  /** SHA-256 of the manifest. */
  digest: z.string(),
  importedAt: Time,
  blobs: z.int(),
  size: z.int(),
});
export type BundleSummary = z.infer<typeof BundleSummary>;

export const BundleDetail = BundleSummary.extend({ manifest: z.unknown() });
export type BundleDetail = z.infer<typeof BundleDetail>;

/** `details` of `blobs_missing`: what to upload before the manifest is posted again. */
export const BlobsMissing = z.strictObject({ missing: z.array(BlobRef) });
export type BlobsMissing = z.infer<typeof BlobsMissing>;
