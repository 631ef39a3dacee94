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
});
export type FleetHost = z.infer<typeof FleetHost>;

export const AdoptBody = z.strictObject({
  /** Names or patterns with `*`. */
  hosts: z.union([z.string().min(1), z.array(z.string().min(1)).min(1).max(10_000)]),
  note: z.string().min(1).max(2000),
});
export type AdoptBody = z.infer<typeof AdoptBody>;
