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

/** What was found out about who signed a bundle, by the present allowed signers. */
export const Trust = z.discriminatedUnion('state', [
  z.strictObject({ state: z.literal('trusted'), signer: z.string(), fingerprint: z.string() }),
  z.strictObject({
    state: z.literal('untrusted'),
    code: z.enum(['signature_missing', 'signature_invalid', 'signature_untrusted']),
    message: z.string(),
  }),
  /** The policy is `off`. */
  z.strictObject({ state: z.literal('unchecked') }),
]);
export type Trust = z.infer<typeof Trust>;

export const BundleSummary = z.strictObject({
  name: z.string(),
  /** SHA-256 of the manifest. */
  digest: z.string(),
  importedAt: Time,
  blobs: z.int(),
  size: z.int(),
  trust: Trust,
});
export type BundleSummary = z.infer<typeof BundleSummary>;

export const BundleDetail = BundleSummary.extend({
  manifest: z.unknown(),
  /** Blobs that were there when it was imported and are not any more. */
  missing: z.array(BlobRef),
});
export type BundleDetail = z.infer<typeof BundleDetail>;

/** What went with a bundle: blobs that no other bundle names, and their bytes. */
export const BundleRemoved = z.strictObject({
  name: z.string(),
  digest: z.string(),
  blobs: z.int(),
  size: z.int(),
});
export type BundleRemoved = z.infer<typeof BundleRemoved>;

/** `details` of `in_use`: what a bundle cannot be removed for. */
export const BundleNeeds = z.strictObject({
  rollouts: z.array(z.strictObject({ id: z.string(), name: z.string(), state: z.string() })),
  /** Previews that a rollout can be made of. */
  plans: z.array(z.string()),
  /** Hosts that have it, or would have it again after a rollback. */
  hosts: z.int(),
});
export type BundleNeeds = z.infer<typeof BundleNeeds>;

/** A manifest for the workers that claims of it were granted to, byte for byte. */
export const WorkerBundle = z.strictObject({
  manifest: z.string(),
  signature: z.string().nullable(),
});
export type WorkerBundle = z.infer<typeof WorkerBundle>;

/** `details` of `blobs_missing`: what to upload before the manifest is posted again. */
export const BlobsMissing = z.strictObject({ missing: z.array(BlobRef) });
export type BlobsMissing = z.infer<typeof BlobsMissing>;
