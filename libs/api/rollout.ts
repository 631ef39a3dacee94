import { BATCH_STATES, ROLLOUT_STATES } from '#rollout';
import { z } from 'zod';
import { Action, Reason, Time } from './common.ts';

/** Hosts by state; those from `pending` to `rollbackFailed` without `unchanged` and `excluded` add up to `planned`. */
export const Counts = z.strictObject({
  planned: z.int(),
  pending: z.int(),
  queued: z.int(),
  running: z.int(),
  succeeded: z.int(),
  /** Part of `succeeded`. */
  unchanged: z.int(),
  failed: z.int(),
  unreachable: z.int(),
  lost: z.int(),
  cancelled: z.int(),
  skipped: z.int(),
  /** Not planned. */
  excluded: z.int(),
  rollingBack: z.int(),
  rolledBack: z.int(),
  rollbackFailed: z.int(),
  /** Beside the states. */
  acknowledged: z.int(),
});
export type Counts = z.infer<typeof Counts>;

export const Batch = z.strictObject({
  number: z.int(),
  state: z.enum(BATCH_STATES),
  size: z.int(),
  /** After its gate, to the first dispatch of the next batch: `30s`. */
  delay: z.string(),
  /** Tolerances in hosts; null where only those of the rollout hold. */
  maxFailures: z.int().nullable(),
  maxUnreachable: z.int().nullable(),
  /** The number of failures in this batch at which it trips, as things stand now. */
  tripsAt: z.int(),
  startedAt: Time.nullable(),
  passedAt: Time.nullable(),
  /** After its last host, before health is checked again: `10m`. */
  bake: z.string(),
  /** When its bake ends; null where it has none or has not begun it. */
  bakeUntil: Time.nullable(),
  /** Its gate opens only when people approve. */
  approval: z.boolean(),
  reason: Reason.nullable(),
  counts: Counts,
});
export type Batch = z.infer<typeof Batch>;

/** What a rollback took, and what it left alone and why. */
export const RollbackTaken = z.strictObject({
  scope: z.enum(['failed', 'batch', 'all', 'hosts']),
  batch: z.int().nullable(),
  hosts: z.array(z.string()),
  leftAlone: z.array(z.strictObject({ host: z.string(), reason: Reason })),
});
export type RollbackTaken = z.infer<typeof RollbackTaken>;

/** What a refresh changed of one host: keys of its connection and its variables. */
export const HostRefreshed = z.strictObject({
  host: z.string(),
  changes: z.array(z.strictObject({ key: z.string(), before: z.unknown(), after: z.unknown() })),
  /** Why it was not changed, where it was not. */
  leftAlone: z.string().optional(),
});
export type HostRefreshed = z.infer<typeof HostRefreshed>;

/** What an extension added. */
export const Extended = z.strictObject({
  hosts: z.int(),
  /** In quarantine. */
  excluded: z.int(),
  batches: z.array(z.int()),
  warnings: z.array(z.string()),
});

/** What people are asked for: the start (`batch` is null), or the gate of a batch. */
export const Approval = z.strictObject({
  batch: z.int().nullable(),
  askedAt: Time,
  expiresAt: Time,
  /** Different people, none of them the requester. */
  needed: z.int(),
  /** Names of the tokens that approved. */
  by: z.array(z.string()),
});
export type Approval = z.infer<typeof Approval>;

/** Something that a rollout waits for; `until` is null where nobody can say. */
export const Wait = z.strictObject({ message: z.string(), until: Time.nullable() });
export type Wait = z.infer<typeof Wait>;

/** The numbers of the plan as they hold now; tolerances in hosts, null where not set. */
export const Numbers = z.strictObject({
  concurrency: z.int(),
  strict: z.boolean(),
  inflight: z.enum(['drain', 'cancel']),
  onTrip: z.enum(['pause', 'rollback-batch', 'rollback-all', 'abort']),
  maxFailures: z.int().nullable(),
  maxUnreachable: z.int().nullable(),
  maxSameSignature: z.int().nullable(),
  startAt: Time.nullable(),
  windows: z.array(z.looseObject({ from: z.string(), to: z.string() })),
});
export type Numbers = z.infer<typeof Numbers>;

export const Rollout = z.strictObject({
  id: z.string(),
  name: z.string(),
  labels: z.record(z.string(), z.string()),
  state: z.enum(ROLLOUT_STATES),
  reason: Reason.nullable(),
  planDigest: z.string(),
  bundle: z.strictObject({ name: z.string(), digest: z.string() }),
  playbook: z.string(),
  inventory: z.string(),
  targets: z.string(),
  /** The name of the token that created it. */
  requester: z.string(),
  createdAt: Time,
  startedAt: Time.nullable(),
  finishedAt: Time.nullable(),
  /** A guess from the pace so far. */
  eta: Time.nullable(),
  percentComplete: z.number(),
  currentBatch: z.int().nullable(),
  counts: Counts,
  batches: z.array(Batch),
  allowedActions: z.array(Action),
  numbers: Numbers,
  /** Null where nobody is asked. */
  approval: Approval.nullable(),
  /** Besides hosts at work; nothing where it has ended. */
  waits: z.array(Wait),
  /** The rollout that ends when this one starts. */
  supersedes: z.string().nullable(),
  /** What the plan was warned of when it was created. */
  warnings: z.array(z.string()),
  /** In the answer to a rollback: what it took. */
  rollback: RollbackTaken.optional(),
  /** In the answer to a refresh: what it changed. */
  refresh: z.array(HostRefreshed).optional(),
  /** In the answer to an extension: its new batches. */
  extended: Extended.optional(),
});
export type Rollout = z.infer<typeof Rollout>;

/** A rollout in a list: without its batches. */
export const RolloutSummary = Rollout.omit({
  batches: true,
  numbers: true,
  approval: true,
  waits: true,
  supersedes: true,
  warnings: true,
  rollback: true,
  refresh: true,
  extended: true,
});
export type RolloutSummary = z.infer<typeof RolloutSummary>;

/** The numbers of a rule: `numerator` of `denominator`, judged against `limit`; one more than that trips. */
export const Evidence = z.strictObject({
  rule: z.string(),
  scope: z.enum(['rollout', 'batch']),
  batch: z.int().optional(),
  numerator: z.number(),
  denominator: z.number(),
  limit: z.number(),
  acknowledged: z.number(),
});
export type Evidence = z.infer<typeof Evidence>;

/** What moved a gate or a state, with its numbers. */
export const DecisionRecord = z.strictObject({
  number: z.int(),
  at: Time,
  kind: z.string(),
  batch: z.int().nullable(),
  /** Null where the conductor decided by itself. */
  by: z.string().nullable(),
  /** What who did it said of it. */
  note: z.string().nullable(),
  reason: Reason.nullable(),
  evidence: Evidence.nullable(),
  /** The hosts that made the difference, at most 100. */
  hosts: z.array(z.string()),
  /** States of the rollout; null in decisions of an older release. */
  before: z.enum(ROLLOUT_STATES).nullable(),
  after: z.enum(ROLLOUT_STATES).nullable(),
  /** What was asked with a verb, lists of hosts as their number. */
  asked: z.record(z.string(), z.unknown()).nullable(),
  /** All of it in plain words. */
  explanation: z.string(),
});
export type DecisionRecord = z.infer<typeof DecisionRecord>;

/** How a rollout stands, and what it waits for. */
export const Explanation = z.strictObject({
  rollout: z.string(),
  state: z.enum(ROLLOUT_STATES),
  reason: Reason.nullable(),
  /** Nothing where it has ended. */
  waits: z.array(
    z.strictObject({
      message: z.string(),
      /** Null where nobody can say. */
      until: Time.nullable(),
    }),
  ),
  allowedActions: z.array(Action),
});
export type Explanation = z.infer<typeof Explanation>;

/** How many of some hosts have a trait, of those of whom it is known. */
export const Share = z.strictObject({ having: z.int(), of: z.int() });

/** A trait that tells hosts that failed alike from the others that were tried. */
export const SharedTrait = z.strictObject({
  /** `site`, `group`, `worker`, a fact, or a variable of the inventory. */
  trait: z.string(),
  value: z.string(),
  failing: Share,
  others: Share,
  /** `all 9 failing hosts have rack=r7; 2 % of the others do (4 of 200)` */
  explanation: z.string(),
});
export type SharedTrait = z.infer<typeof SharedTrait>;

/** Failures that look alike: same code, same message but for names and numbers. */
export const FailureGroup = z.strictObject({
  signature: z.string(),
  code: z.string(),
  /** As one of them said it. */
  message: z.string(),
  remedy: z.string().nullable(),
  count: z.int(),
  /** At most 20 names. */
  hosts: z.array(z.string()),
  /** What nearly all of them have and the others mostly have not, the best first; often nothing. */
  shared: z.array(SharedTrait),
});
export type FailureGroup = z.infer<typeof FailureGroup>;

/** One line of a rollout's story; `id` counts over all rollouts and is the `Last-Event-ID`. */
export const EventRecord = z.strictObject({
  id: z.int(),
  at: Time,
  /** `rollout.state`, `batch.state`, `host.state`, `host.step`, `decision`, `action`, `alert`, `reset`, `end`. */
  type: z.string(),
  rollout: z.string().nullable(),
  batch: z.int().nullable(),
  host: z.string().nullable(),
  /** What this type of event says besides. */
  details: z.record(z.string(), z.unknown()),
});
export type EventRecord = z.infer<typeof EventRecord>;
