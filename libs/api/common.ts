import { VERBS } from '#rollout';
import { z } from 'zod';

/** RFC 3339 in UTC. */
export const Time = z.iso.datetime();

/** A list is given in pages; `nextCursor` is null at its end. */
export interface Page<T> {
  items: T[];
  nextCursor: string | null;
}

/** The schema of a page of something. */
export function pageOf<T extends z.ZodType>(entry: T) {
  return z.strictObject({ items: z.array(entry), nextCursor: z.string().nullable() });
}

/** What every list takes in its query. */
export const PageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  cursor: z.string().optional(),
});
export type PageQuery = z.infer<typeof PageQuery>;

export const Reason = z.strictObject({
  code: z.string(),
  /** A sentence with the numbers in it. */
  message: z.string(),
  /** The number of the stored decision that it comes from. */
  decision: z.int().optional(),
});

/** What people may do with a rollout. */
export const Action = z.enum(VERBS);
export type Action = z.infer<typeof Action>;

/** An error as it leaves over HTTP: a problem document of RFC 9457. */
export const Problem = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.string(),
  detail: z.string(),
  remedy: z.string(),
  errors: z.array(
    z.strictObject({ path: z.string(), line: z.int().optional(), message: z.string() }),
  ),
  /** With 409 where a rollout is concerned. */
  allowedActions: z.array(Action).optional(),
});
export type Problem = z.infer<typeof Problem>;
