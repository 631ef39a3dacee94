import { HOST_STATES } from '#rollout';
import { z } from 'zod';
import { Reason, Time } from './common.ts';
import { StepRecord } from './worker.ts';

export const RolloutHost = z.strictObject({
  number: z.int(),
  name: z.string(),
  address: z.string(),
  site: z.string(),
  /** Null for an excluded host. */
  batch: z.int().nullable(),
  state: z.enum(HOST_STATES),
  reason: Reason.nullable(),
  /** How its latest claim ended where it did not succeed: code, message and remedy of the error table. */
  code: z.string().nullable(),
  message: z.string().nullable(),
  remedy: z.string().nullable(),
  unchanged: z.boolean(),
  acknowledged: z.boolean(),
  /** The switch began in this rollout and was not taken back since. */
  changed: z.boolean(),
  /** The step that it is at, or was at last. */
  step: z.string().nullable(),
  epoch: z.int(),
  worker: z.string().nullable(),
  startedAt: Time.nullable(),
  endedAt: Time.nullable(),
});
export type RolloutHost = z.infer<typeof RolloutHost>;

/** One claim of a host, from its grant to its end. */
export const Attempt = z.strictObject({
  epoch: z.int(),
  task: z.enum(['forward', 'rollback', 'probe', 'bake', 'read']),
  worker: z.string(),
  startedAt: Time,
  endedAt: Time.nullable(),
  /** The outcome it reported, `expired` when its lease ran out, null while it works. */
  outcome: z.string().nullable(),
  code: z.string().nullable(),
  message: z.string().nullable(),
  bytesSent: z.int(),
  steps: z.array(StepRecord),
});
export type Attempt = z.infer<typeof Attempt>;

export const RolloutHostDetail = RolloutHost.extend({
  groups: z.array(z.string()),
  attempts: z.array(Attempt),
  /** Facts that the latest forward claim read. */
  before: z.unknown(),
  after: z.unknown(),
});
export type RolloutHostDetail = z.infer<typeof RolloutHostDetail>;

/** One thing that is not as the last rollout of a host wanted it. */
export const Drift = z.strictObject({
  /** `go`, `modules`, `rollout`. */
  key: z.string(),
  wanted: z.string(),
  found: z.string().nullable(),
});
export type Drift = z.infer<typeof Drift>;

/** How a host was when it was last seen. */
export const Health = z.strictObject({
  /** `failing`: a check failed; `failed`: its last claim did; `unknown`: it was never read. */
  state: z.enum(['ok', 'failing', 'failed', 'unreachable', 'unknown']),
  message: z.string().nullable(),
});
export type Health = z.infer<typeof Health>;

/** A rollout in the history of a host. */
export const HostHistory = z.strictObject({
  rollout: z.string(),
  name: z.string(),
  bundle: z.string(),
  playbook: z.string(),
  createdAt: Time,
  /** Of the host in that rollout. */
  state: z.enum(HOST_STATES),
  code: z.string().nullable(),
  message: z.string().nullable(),
  unchanged: z.boolean(),
  /** It still has what that rollout made of it. */
  changed: z.boolean(),
  startedAt: Time.nullable(),
  endedAt: Time.nullable(),
});
export type HostHistory = z.infer<typeof HostHistory>;

/** What is known of a host over all rollouts. */
export const FleetHost = z.strictObject({
  name: z.string(),
  site: z.string(),
  epoch: z.int(),
  /** The rollout that it belongs to now. */
  owner: z.string().nullable(),
  /** The rollout that changed it last. */
  changedBy: z.string().nullable(),
  lastRollout: z.string().nullable(),
  lastOutcome: z.string().nullable(),
  lastSeenAt: Time.nullable(),
  lastSucceededAt: Time.nullable(),
  /** An admin allowed the next claim to take it over from another fleet. */
  adopt: z.boolean(),
  /** The facts that were read last. */
  facts: z.unknown(),
  /** Null where it is not in quarantine. */
  quarantine: z.strictObject({ at: Time, who: z.string(), note: z.string() }).nullable(),
  /** What the facts say that the rollout that changed it last did not want; empty where all is as wanted. */
  drift: z.array(Drift),
  health: Health,
});
export type FleetHost = z.infer<typeof FleetHost>;

/** The same with its rollouts, the newest first, at most 100. */
export const FleetHostDetail = FleetHost.extend({ history: z.array(HostHistory) });
export type FleetHostDetail = z.infer<typeof FleetHostDetail>;

export const AdoptBody = z.strictObject({
  /** Names or patterns with `*`. */
  hosts: z.union([z.string().min(1), z.array(z.string().min(1)).min(1).max(10_000)]),
  note: z.string().min(1).max(2000),
});
export type AdoptBody = z.infer<typeof AdoptBody>;

export const QuarantineBody = z.strictObject({ note: z.string().min(1).max(2000) });
export type QuarantineBody = z.infer<typeof QuarantineBody>;

/** A host that no rollout touches: `excluded` when planned, `skipped` where it had not started yet. */
export const Quarantine = z.strictObject({
  host: z.string(),
  at: Time,
  /** The name of the token. */
  who: z.string(),
  note: z.string(),
  /** Rollouts in which it was skipped, in the answer to its quarantine. */
  skippedIn: z.array(z.string()).optional(),
});
export type Quarantine = z.infer<typeof Quarantine>;
