import { z } from 'zod';
import { Reason, Time } from './common.ts';

/** One batch as it would be; tolerances in hosts. */
export const PreviewBatch = z.strictObject({
  number: z.int(),
  size: z.int(),
  hosts: z.array(z.string()),
  delay: z.string(),
  bake: z.string(),
  approval: z.boolean(),
  maxFailures: z.int().nullable(),
  maxUnreachable: z.int().nullable(),
  tripsAt: z.int(),
  /** The most hosts that fail before it trips, those at work at that moment included. */
  mostHurt: z.int(),
  /** If nothing fails and nobody keeps it waiting; null where no window ever opens. */
  startsAt: Time.nullable(),
  endsAt: Time.nullable(),
});
export type PreviewBatch = z.infer<typeof PreviewBatch>;

/** What would happen to one host. */
export const PreviewHost = z.strictObject({
  host: z.string(),
  batch: z.int(),
  /** `unknown`: it was never seen, or could not be read; `unfit`: it would fail before a byte is sent. */
  change: z.enum(['none', 'some', 'unfit', 'unknown']),
  /** What would be done, as sentences. */
  steps: z.array(z.string()),
  /** Bytes to be sent, where the host was read. */
  bytes: z.int().nullable(),
  /** Why it is unfit, or could not be read. */
  code: z.string().nullable(),
  message: z.string().nullable(),
});
export type PreviewHost = z.infer<typeof PreviewHost>;

/** The most hosts that can be hurt before the first gate can stop the rollout. */
export const BlastRadius = z.strictObject({
  hosts: z.int(),
  /** Of the planned hosts, rounded down to one decimal. */
  percent: z.number(),
  batch: z.int(),
  /** Hosts that are changed before that gate is judged: all of the batch. */
  touched: z.int(),
  /** Of `hosts`, those that were at work already when it trips: 0 where the plan is strict. */
  overshoot: z.int(),
  strict: z.boolean(),
});
export type BlastRadius = z.infer<typeof BlastRadius>;

/** What a plan would do: nothing is changed by asking. */
export const PlanPreview = z.strictObject({
  /** Of a preview that reads hosts: a rollout can be made of it. Null where only what is known was looked at. */
  id: z.string().nullable(),
  /** `reading`: hosts are still being read. */
  state: z.enum(['reading', 'ready']),
  facts: z.enum(['known', 'live']),
  reading: z
    .strictObject({ planned: z.int(), waiting: z.int(), read: z.int(), failed: z.int() })
    .nullable(),
  /** The same that a rollout of this plan would have now. */
  planDigest: z.string(),
  name: z.string(),
  bundle: z.strictObject({ name: z.string(), digest: z.string() }),
  playbook: z.string(),
  inventory: z.string(),
  targets: z.string(),
  /** How it would begin. */
  begins: z.strictObject({ state: z.string(), reason: Reason.nullable() }),
  planned: z.int(),
  batches: z.array(PreviewBatch),
  /** Hosts that match and are left out. */
  excluded: z.array(z.strictObject({ host: z.string(), reason: Reason })),
  /** Hosts of the inventory that the targets, and then the limit, do not match. */
  leftOut: z.strictObject({ targets: z.int(), limit: z.int() }),
  blastRadius: BlastRadius,
  /** Hosts by what would become of them. */
  changes: z.strictObject({ none: z.int(), some: z.int(), unfit: z.int(), unknown: z.int() }),
  hosts: z.array(PreviewHost),
  predicted: z.strictObject({
    startsAt: Time.nullable(),
    endsAt: Time.nullable(),
    /** `1h30m`, from the start to the end; null where no window ever opens. */
    duration: z.string().nullable(),
    /** What that rests on, as sentences. */
    assumptions: z.array(z.string()),
  }),
  warnings: z.array(z.string()),
});
export type PlanPreview = z.infer<typeof PlanPreview>;

/** A rollout of what was previewed, and of nothing else. */
export const PlanReference = z.strictObject({ planId: z.string().min(1) });
export type PlanReference = z.infer<typeof PlanReference>;
