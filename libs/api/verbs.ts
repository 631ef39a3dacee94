import { z } from 'zod';

const note = z.string().max(2000).optional();
const hostNames = z.array(z.string().min(1)).min(1).max(50_000);

export const PauseBody = z.strictObject({ note });
export type PauseBody = z.infer<typeof PauseBody>;

export const ResumeBody = z.strictObject({
  /** Required where a gate tripped, else `continue`. */
  mode: z.enum(['continue', 'retry', 'skip-batch']).optional(),
  /** The number of the decision whose failures are acknowledged. */
  acknowledge: z.int().optional(),
  batch: z.int().optional(),
  note,
});
export type ResumeBody = z.infer<typeof ResumeBody>;

export const RetryBody = z.strictObject({
  hosts: hostNames.optional(),
  states: z
    .array(z.enum(['failed', 'unreachable', 'lost', 'cancelled', 'rolled_back', 'rollback_failed']))
    .min(1)
    .optional(),
  note,
});
export type RetryBody = z.infer<typeof RetryBody>;

export const RollbackBody = z.strictObject({
  scope: z.enum(['failed', 'batch', 'all', 'hosts']).optional(),
  batch: z.int().optional(),
  hosts: hostNames.optional(),
  note,
});
export type RollbackBody = z.infer<typeof RollbackBody>;

export const AbortBody = z.strictObject({
  inflight: z.enum(['drain', 'cancel']).optional(),
  rollback: z.enum(['none', 'batch', 'all']).optional(),
  stopRollback: z.boolean().optional(),
  note,
});
export type AbortBody = z.infer<typeof AbortBody>;

/** The bodies of the verbs of this release, by verb. */
export const VERB_BODIES = {
  pause: PauseBody,
  resume: ResumeBody,
  retry: RetryBody,
  rollback: RollbackBody,
  abort: AbortBody,
} as const;
export type VerbName = keyof typeof VERB_BODIES;

/** A verb with its body. */
export type VerbRequest =
  | ({ verb: 'pause' } & PauseBody)
  | ({ verb: 'resume' } & ResumeBody)
  | ({ verb: 'retry' } & RetryBody)
  | ({ verb: 'rollback' } & RollbackBody)
  | ({ verb: 'abort' } & AbortBody);
