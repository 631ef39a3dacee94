import { z } from 'zod';
import { BatchSize, Duration, HostQuantity, InstantText, Rate, Timezone } from './plan-values.ts';

/** What a notification may be sent on. */
export const NOTIFY_EVENTS = [
  'started',
  'paused',
  'resumed',
  'rolling_back',
  'rollback_failed',
  'failed',
  'finished',
] as const;
export type NotifyEvent = (typeof NOTIFY_EVENTS)[number];

/** Entries of a plan, and batches of a rollout. */
export const MOST_BATCHES = 1000;

export const BatchEntry = z
  .strictObject({
    size: BatchSize.optional(),
    /** A pattern: these of the targets, such as a canary, in a batch of their own. */
    hosts: z.string().min(1, { error: 'must not be empty' }).optional(),
    /** Comes after the batch. */
    delay: Duration.prefault('0s'),
    maxFailures: HostQuantity.optional(),
    maxUnreachable: HostQuantity.optional(),
    /** Absent: that of the strategy. */
    bake: Duration.optional(),
    /** The gate of this batch opens only when people have approved. */
    approval: z.boolean().default(false),
  })
  .superRefine((entry, context) => {
    const taken = [entry.size, entry.hosts].filter((each) => each !== undefined).length;
    if (taken === 1) return;
    const message = `takes exactly one of \`size\` and \`hosts\`${taken === 0 ? '; it has none' : ''}`;
    context.addIssue({ code: 'custom', message });
  });
export type BatchEntry = z.infer<typeof BatchEntry>;

const Strategy = z
  .strictObject({
    /** The last entry repeats until no host is left. */
    batches: z
      .array(BatchEntry)
      .min(1, { error: 'needs at least one batch' })
      .max(MOST_BATCHES, { error: `takes at most ${MOST_BATCHES} batches` }),
    /** Hosts at work at once, forward, back and probes together, over all workers and sites. */
    concurrency: z.int().min(1, { error: 'must be at least 1' }).max(50_000).default(50),
    order: z.enum(['inventory', 'shuffled', 'spread']).default('inventory'),
    /** The variable of a host that says what it fails together with. */
    failureDomain: z.string().min(1).optional(),
    /** Of a domain's planned hosts, in one batch and at work at once. */
    maxPerDomain: BatchSize.optional(),
    bake: Duration.prefault('0s'),
    strict: z.boolean().default(false),
    inflight: z.enum(['drain', 'cancel']).default('drain'),
    onTrip: z.enum(['pause', 'rollback-batch', 'rollback-all', 'abort']).default('pause'),
  })
  .superRefine(({ order, failureDomain, maxPerDomain }, context) => {
    if (failureDomain !== undefined) return;
    for (const path of [
      ...(order === 'spread' ? ['order'] : []),
      ...(maxPerDomain === undefined ? [] : ['maxPerDomain']),
    ])
      context.addIssue({ code: 'custom', path: [path], message: 'needs `failureDomain`' });
  });

export const Budgets = z.strictObject({
  maxFailures: HostQuantity.optional(),
  maxUnreachable: HostQuantity.optional(),
  /** Failures of one signature that are tolerated. */
  maxSameSignature: z.int().min(0, { error: 'must not be negative' }).optional(),
});
export type Budgets = z.infer<typeof Budgets>;

const Retries = z
  .strictObject({
    /** Within one claim, the first included, over connect and transfers. */
    attempts: z.int().min(1, { error: 'must be at least 1' }).max(100).default(3),
    backoff: Duration.prefault('2s'),
    maxBackoff: Duration.prefault('30s'),
  })
  .refine((retries) => retries.backoff <= retries.maxBackoff, {
    path: ['maxBackoff'],
    error: 'must not be shorter than backoff',
  });

const TIMEOUTS = ['connect', 'step', 'host', 'batch'] as const;

const Timeouts = z
  .strictObject({
    connect: Duration.prefault('15s'),
    step: Duration.prefault('10m'),
    host: Duration.prefault('30m'),
    batch: Duration.prefault('4h'),
  })
  .superRefine((timeouts, context) => {
    if (timeouts.connect === 0)
      context.addIssue({ code: 'custom', path: ['connect'], message: 'must be more than 0s' });
    for (const [index, outer] of TIMEOUTS.entries()) {
      const inner = TIMEOUTS[index - 1];
      if (inner === undefined || timeouts[inner] < timeouts[outer]) continue;
      const message = `must be longer than ${inner}: connect < step < host < batch`;
      context.addIssue({ code: 'custom', path: [outer], message });
    }
  });

const Approval = z.strictObject({
  required: z.boolean().default(false),
  /** Different people, none of them the requester. */
  approvers: z.int().min(1, { error: 'must be at least 1' }).max(20).default(1),
  expires: Duration.prefault('24h'),
});

const Limits = z.strictObject({
  /** Sent by all workers together to the hosts of this rollout. */
  bandwidth: Rate.optional(),
  /** Sent by the workers of one site together. */
  perSite: Rate.optional(),
  /** Connections that are being set up through one jump host at once. */
  handshakesPerJump: z.int().min(1, { error: 'must be at least 1' }).max(1000).default(8),
});

export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

const TimeOfDay = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, {
  error: 'expected a time such as "01:00"',
});

/** When hosts may start, in local time; `to` at or before `from` ends on the next day. */
export const Window = z.strictObject({
  /** The days on which it begins; absent: every day. */
  days: z.array(z.enum(WEEKDAYS)).min(1, { error: 'needs at least one day' }).optional(),
  from: TimeOfDay,
  to: TimeOfDay,
  /** `host`: the variable `timezone` of each host; absent: that of the plan. */
  timezone: z.union([z.literal('host'), Timezone]).optional(),
});
export type Window = z.infer<typeof Window>;
export const Windows = z.array(Window).max(100);

const Notification = z
  .strictObject({
    webhook: z
      .url({ protocol: /^https?$/, error: 'expected an address such as https://host/path' })
      .optional(),
    /** A name in the controller's notify folder. */
    command: z
      .string()
      .regex(/^\w[\w.-]*$/, { error: "must be a file's name in the notify folder" })
      .optional(),
    on: z
      .array(z.enum(NOTIFY_EVENTS))
      .min(1, { error: 'needs at least one event' })
      .default(['paused', 'failed', 'finished']),
  })
  .refine((entry) => (entry.webhook === undefined) !== (entry.command === undefined), {
    error: 'takes exactly one of `webhook` and `command`',
  });

const name = z.string().min(1, { error: 'must not be empty' }).max(200);

/** A rollout plan as a person writes it; durations become milliseconds, shares hundredths of a percent. */
export const RolloutPlan = z.strictObject({
  kind: z.literal('RolloutPlan'),
  name,
  labels: z.record(z.string().min(1).max(100), z.string().max(1000)).default({}),
  /** A name under the inventory folder; with a line break the text of an inventory; or a mapping, inline. */
  inventory: z.union([
    z.string().min(1, { error: 'must not be empty' }),
    z.record(z.string(), z.unknown()),
  ]),
  targets: z.string().min(1, { error: 'must not be empty; `all` means every host' }),
  /** A name or digest in the store. */
  bundle: name,
  /** A name under the playbook folder, or inline, for which one must be admin. */
  playbook: z.union([name, z.record(z.string(), z.unknown())]),
  strategy: Strategy,
  budgets: Budgets.prefault({}),
  retries: Retries.prefault({}),
  timeouts: Timeouts.prefault({}),
  timezone: Timezone.optional(),
  windows: Windows.default([]),
  approval: Approval.prefault({}),
  startAt: InstantText.optional(),
  /** A start that is missed by more waits for a person. */
  startWithin: Duration.prefault('15m'),
  /** A rollout that is aborted when this one starts, and whose hosts this one takes over. */
  supersedes: z.string().min(1).optional(),
  notify: z.array(Notification).max(100).default([]),
  limits: Limits.prefault({}),
});
export type RolloutPlan = z.infer<typeof RolloutPlan>;
