import { z } from 'zod';
import { BatchEntry, Budgets, Windows } from '../planning/plan.ts';
import { Duration, HostQuantity } from '../planning/plan-values.ts';
import type { HostState } from '../view/states.ts';

/** What people can do with a rollout. */
export const VERBS = [
  'approve',
  'deny',
  'pause',
  'advance',
  'resume',
  'retry',
  'rollback',
  'abort',
  'skip',
  'refresh',
  'extend',
] as const;
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
  /** Required where a gate tripped, else `continue`. */
  mode: z.enum(['continue', 'retry', 'skip-batch']).optional(),
  /** The number of the trip whose failures leave the numerators. */
  acknowledge: z.int().positive().optional(),
  /** Goes with `skip-batch`. */
  batch: z.int().positive().optional(),
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

export const ApproveBody = z.strictObject({
  /** What was read before it was approved: another digest is refused. */
  planDigest: z.string().min(1),
  note,
});

export const DenyBody = z.strictObject({ note });

export const AdvanceBody = z.strictObject({ note });

/** States that `skip` may drop: not started, or not succeeded. */
export const SKIPPABLE_STATES = [
  'pending',
  'queued',
  'failed',
  'unreachable',
  'lost',
  'cancelled',
  'rolled_back',
  'rollback_failed',
] as const satisfies HostState[];

export const SkipBody = z
  .strictObject({
    hosts: hosts.optional(),
    states: z.array(z.enum(SKIPPABLE_STATES)).min(1).optional(),
    note,
  })
  .refine((body) => (body.hosts === undefined) !== (body.states === undefined), {
    error: 'takes exactly one of `hosts` and `states`',
  });

export const RefreshBody = z.strictObject({
  /** Absent: every host of the rollout. */
  hosts: hosts.optional(),
  /** An inventory inline; absent: the one that the plan names, as it is now. */
  inventory: z.union([z.string().min(1), z.record(z.string(), z.unknown())]).optional(),
  note,
});

export const ExtendBody = z.strictObject({
  /** Hosts that match and are not in the rollout yet become new batches at its end. */
  targets: z.string().min(1),
  inventory: z.union([z.string().min(1), z.record(z.string(), z.unknown())]).optional(),
  /** Absent: the last entry of the plan, repeated. */
  batches: z.array(BatchEntry).min(1).max(1000).optional(),
  note,
});

const Tolerances = z.strictObject({
  maxFailures: HostQuantity.optional(),
  maxUnreachable: HostQuantity.optional(),
});

const batchNumber = z.string().regex(/^[1-9]\d{0,3}$/, { error: 'expected the number of a batch' });

/** What of a rollout can be changed while it is under way. */
export const PatchBody = z
  .strictObject({
    concurrency: z.int().min(1).max(50_000).optional(),
    /** Of the whole rollout, and by batch number of batches whose gate is not open yet. */
    budgets: Budgets.extend({ batches: z.record(batchNumber, Tolerances).optional() }).optional(),
    /** After every batch whose gate is not open yet, or by batch number. */
    delays: z.union([z.record(batchNumber, Duration), Duration]).optional(),
    windows: Windows.optional(),
    note,
  })
  .refine((body) => Object.keys(body).some((key) => key !== 'note'), {
    error: 'takes at least one of `concurrency`, `budgets`, `delays` and `windows`',
  });
export type PatchBody = z.infer<typeof PatchBody>;

/** The body of each verb, strict, with its defaults. */
export const VERB_BODIES = {
  approve: ApproveBody,
  deny: DenyBody,
  advance: AdvanceBody,
  skip: SkipBody,
  refresh: RefreshBody,
  extend: ExtendBody,
  pause: PauseBody,
  resume: ResumeBody,
  retry: RetryBody,
  rollback: RollbackBody,
  abort: AbortBody,
} as const;

/** One thing that a person asks of a rollout. */
export type Verb =
  | ({ kind: 'approve' } & z.infer<typeof ApproveBody>)
  | ({ kind: 'deny' } & z.infer<typeof DenyBody>)
  | ({ kind: 'advance' } & z.infer<typeof AdvanceBody>)
  | ({ kind: 'skip' } & z.infer<typeof SkipBody>)
  | ({ kind: 'refresh' } & z.infer<typeof RefreshBody>)
  | ({ kind: 'extend' } & z.infer<typeof ExtendBody>)
  | ({ kind: 'patch' } & z.infer<typeof PatchBody>)
  | ({ kind: 'pause' } & z.infer<typeof PauseBody>)
  | ({ kind: 'resume' } & z.infer<typeof ResumeBody>)
  | ({ kind: 'retry' } & z.infer<typeof RetryBody>)
  | ({ kind: 'rollback' } & z.infer<typeof RollbackBody>)
  | ({ kind: 'abort' } & z.infer<typeof AbortBody>);

/** What a person asks with one verb. */
export type Asked<K extends Verb['kind']> = Extract<Verb, { kind: K }>;
