import { z } from 'zod';
import { Time } from './common.ts';

const patterns = z.union([z.string().min(1), z.array(z.string().min(1)).min(1).max(10_000)]);

/** Which hosts are to be read: those of an inventory, or known ones as they were reached last. */
export const ReadingBody = z
  .strictObject({
    /** A name under the inventory folder, or inline. */
    inventory: z.union([z.string().min(1), z.record(z.string(), z.unknown())]).optional(),
    /** A pattern over the inventory. */
    targets: z.string().min(1).optional(),
    /** Names of known hosts, or patterns with `*`. */
    hosts: patterns.optional(),
    /** Every file of the installed trees is hashed on the host and compared with the bundle that it came from. */
    trees: z.boolean().optional(),
  })
  .refine((body) => (body.hosts === undefined) === (body.targets !== undefined), {
    error: 'takes exactly one of `targets` (with `inventory`) and `hosts`',
  })
  .refine((body) => (body.inventory === undefined) === (body.targets === undefined), {
    path: ['inventory'],
    error: '`inventory` and `targets` belong together',
  });
export type ReadingBody = z.infer<typeof ReadingBody>;

/** One host of a reading: its facts once they were read, or why they could not be. */
export const ReadingHost = z.strictObject({
  name: z.string(),
  site: z.string(),
  address: z.string(),
  state: z.enum(['waiting', 'read', 'failed']),
  code: z.string().nullable(),
  message: z.string().nullable(),
  remedy: z.string().nullable(),
  facts: z.unknown(),
});
export type ReadingHost = z.infer<typeof ReadingHost>;

/** Hosts that are looked at and not changed, with a page of what they said. */
export const Reading = z.strictObject({
  id: z.string(),
  state: z.enum(['running', 'done']),
  requester: z.string(),
  createdAt: Time,
  finishedAt: Time.nullable(),
  counts: z.strictObject({
    planned: z.int(),
    waiting: z.int(),
    read: z.int(),
    failed: z.int(),
  }),
  items: z.array(ReadingHost),
  nextCursor: z.string().nullable(),
});
export type Reading = z.infer<typeof Reading>;
