import type { ReadingHost } from '#api';
import { z } from 'zod';

/** How the files of an installed tree are beside those of the bundle that it came from. */
const ShownTree = z.object({
  kind: z.enum(['go', 'modules']),
  name: z.string(),
  blob: z.string().nullable(),
  state: z.enum(['same', 'differs', 'unknown']),
  files: z.number(),
  count: z.number(),
  differences: z.array(
    z.object({ path: z.string(), what: z.enum(['changed', 'mode', 'missing', 'added']) }),
  ),
});
export type ShownTree = z.infer<typeof ShownTree>;

/** What of a host's facts the command line shows. Workers of other releases may say more, or less. */
export const ShownFacts = z.object({
  platform: z.string(),
  mode: z.enum(['root', 'user']),
  user: z.string(),
  root: z.string(),
  freeBytes: z.number(),
  freeInodes: z.number().nullable(),
  go: z.string().nullable(),
  modules: z.string().nullable(),
  goVersion: z.string().nullable(),
  rollout: z.string().nullable(),
  fleet: z.string().nullish(),
  epoch: z.number().nullish(),
  faults: z
    .array(z.object({ code: z.string(), message: z.string(), remedy: z.string() }))
    .default([]),
  trees: z.array(ShownTree).optional(),
});
export type ShownFacts = z.infer<typeof ShownFacts>;

/** Undefined where the host was not read. */
export function factsOf({ state, facts }: ReadingHost): ShownFacts | undefined {
  return state === 'read' ? ShownFacts.safeParse(facts).data : undefined;
}
