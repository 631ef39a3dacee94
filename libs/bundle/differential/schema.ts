import { z } from 'zod';
import { Name, Sha256 } from '../schema.ts';
import { unpackParts } from './parts.ts';

const Count = z.int().min(0);
const Base = z.strictObject({ sha256: Sha256, size: Count });
/** A blob on the other side, and a bundle there that has it, by its name. */
const There = z.strictObject({ ...Base.shape, bundle: Name });

/** A blob that the other side has, and the members that it begins with, as `packParts` writes them. */
export const HaveBlob = z
  .strictObject({ ...There.shape, parts: z.string() })
  .superRefine(({ size, parts }, context) => {
    const sum = unpackParts(parts)?.reduce((total, part) => total + part.size, 0);
    if (sum !== undefined && sum <= size) return;
    context.addIssue({ code: 'custom', path: ['parts'], message: 'are not those of such a blob' });
  });
export type HaveBlob = z.infer<typeof HaveBlob>;

/** have.json: what the other side has, as `gofleet bundle have` tells it. */
export const Have = z.strictObject({ schema: z.literal(1), blobs: z.array(HaveBlob) });
export type Have = z.infer<typeof Have>;

/** Bytes that follow one another: the next of those that are carried, or some of a blob that the other side has. */
export const Run = z.union([
  z.strictObject({ here: Count.min(1) }),
  /** Of the blob `needs[of]`, `size` bytes from `at` on. */
  z.strictObject({ of: Count, at: Count, size: Count.min(1) }),
]);
export type Run = z.infer<typeof Run>;

/** A blob that is put together on the other side. */
export const ComposedBlob = z.strictObject({
  ...Base.shape,
  /** The file `parts/SHA256` with the bytes that are carried; null where the other side has all of them. */
  parts: Base.nullable(),
  runs: z.array(Run).min(1),
});
export type ComposedBlob = z.infer<typeof ComposedBlob>;

/** differential.json: how a bundle becomes whole beside what the other side has. What is carried whole is not named. */
export const Differential = z
  .strictObject({
    schema: z.literal(1),
    /** Digest of the bundle. */
    bundle: Sha256,
    /** Blobs that the other side has to have: of this bundle, or as the ground of those that are put together. */
    needs: z.array(There),
    composed: z.array(ComposedBlob),
  })
  .superRefine(({ needs, composed }, context) => {
    for (const [list, blobs] of Object.entries({ needs, composed }))
      for (const [index, { sha256 }] of blobs.entries())
        if (blobs.findIndex((blob) => blob.sha256 === sha256) !== index)
          context.addIssue({ code: 'custom', path: [list, index], message: 'is there twice' });
    for (const [index, blob] of composed.entries())
      if (!addsUp(blob, needs))
        context.addIssue({
          code: 'custom',
          path: ['composed', index, 'runs'],
          message: 'do not add up to the blob',
        });
  });
export type Differential = z.infer<typeof Differential>;

function addsUp(
  { size, parts, runs }: ComposedBlob,
  needs: readonly z.infer<typeof There>[],
): boolean {
  let [here, there] = [0, 0];
  for (const run of runs)
    if ('here' in run) here += run.here;
    else {
      there += run.size;
      if (run.at + run.size > (needs[run.of]?.size ?? 0)) return false;
    }
  return here + there === size && here === (parts?.size ?? 0);
}
