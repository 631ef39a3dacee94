import { z } from 'zod';

/** What a child of `gofleet up` says to its supervisor. */
export const ChildMessage = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('ready'), url: z.string().optional() }),
  z.strictObject({
    kind: z.literal('failed'),
    code: z.string(),
    message: z.string(),
    remedy: z.string(),
  }),
]);
export type ChildMessage = z.infer<typeof ChildMessage>;
