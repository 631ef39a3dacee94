import { z } from 'zod';
import { Time } from './common.ts';

export const FreezeBody = z.strictObject({
  note: z.string().min(1).max(2000),
  /** Rollbacks stand still too. */
  rollbacks: z.boolean().default(false),
});
export type FreezeBody = z.infer<typeof FreezeBody>;

/** Whether anything is dispatched forward at all. */
export const Freeze = z.strictObject({
  frozen: z.boolean(),
  at: Time.nullable(),
  /** The name of the token. */
  who: z.string().nullable(),
  note: z.string().nullable(),
  rollbacks: z.boolean(),
});
export type Freeze = z.infer<typeof Freeze>;
