import { z } from 'zod';
import { notYet } from '#document';
import type { HostState } from './states.ts';

/** What people can do in this release, in the order of `allowedActions`. */
export const VERBS = ['pause', 'resume', 'retry', 'rollback', 'abort'] as const;
export type VerbKind = (typeof VERBS)[number];

/** States that a retry may set back to `pending`; `rollback_failed` only when it is named. */
export const RETRYABLE_STATES = [
  'failed',
  'unreachable',
  'lost',
  'cancelled',
  'rolled_back',
  'rollback_failed',
] as const satisfies HostState[];

const note = z.string().max(2000).optional();
const hosts = z.array(z.string().min(1)).min(1).max(50_000);

export const PauseBody = z.strictObject({
  /** Absent: as the plan says. */
  inflight: z.enum(['drain', 'cancel']).optional(),
  note,
});

export const ResumeBody = z.strictObject({
  /** Required where a gate tripped, else `continue`. `skip-batch` is of a later release. */
  mode: z
    .enum(['continue', 'retry', 'skip-batch'])
    .refine((mode) => mode !== 'skip-batch', {
      params: { notYet: true },
      error: 'skip-batch is known but not supported by this release',
    })
    .optional(),
  /** The number of the trip whose failures leave the numerators. */
  acknowledge: z.int().positive().optional(),
  batch: notYet().optional(),
  note,
});

export const RetryBody = z
  .strictObject({
    hosts: hosts.optional(),
    states: z.array(z.enum(RETRYABLE_STATES)).min(1).optional(),
    note,
  })
  .refine((body) => (body.hosts === undefined) !== (body.states === undefined), {
    error: 'takes exactly one of `hosts` and `states`',
  });

export const RollbackBody = z
  .strictObject({
    scope: z.enum(['failed', 'batch', 'all', 'hosts']).default('batch'),
    batch: z.int().positive().optional(),
    hosts: hosts.optional(),
    note,
  })
  .refine((body) => (body.hosts !== undefined) === (body.scope === 'hosts'), {
    path: ['hosts'],
    error: 'goes with scope `hosts` and with no other',
  })
  .refine((body) => body.batch === undefined || body.scope === 'batch', {
    path: ['batch'],
    error: 'goes with scope `batch` alone',
  });

export const AbortBody = z
  .strictObject({
    inflight: z.enum(['drain', 'cancel']).default('drain'),
    rollback: z.enum(['none', 'batch', 'all']).default('none'),
    /** Needed while rolling back: hosts that were not rolled back yet stay as they are. */
    stopRollback: z.boolean().default(false),
    note,
  })
  .refine((body) => !body.stopRollback || body.rollback === 'none', {
    path: ['rollback'],
    error: 'must be none with stopRollback',
  });

/** The body of each verb, strict, with its defaults. */
export const VERB_BODIES = {
  pause: PauseBody,
  resume: ResumeBody,
  retry: RetryBody,
  rollback: RollbackBody,
  abort: AbortBody,
} as const;

/** One thing that a person asks of a rollout. */
export type Verb =
  | ({ kind: 'pause' } & z.infer<typeof PauseBody>)
  | ({ kind: 'resume' } & z.infer<typeof ResumeBody>)
  | ({ kind: 'retry' } & z.infer<typeof RetryBody>)
  | ({ kind: 'rollback' } & z.infer<typeof RollbackBody>)
  | ({ kind: 'abort' } & z.infer<typeof AbortBody>);
