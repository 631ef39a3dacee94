import { notYet } from '#document';
import { z } from 'zod';
import { BatchSize, Duration, HostQuantity, only } from './plan-values.ts';

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

const BatchEntry = z
  .strictObject({
    size: BatchSize.optional(),
    /** Comes after the batch. */
    delay: Duration.prefault('0s'),
    maxFailures: HostQuantity.optional(),
    maxUnreachable: HostQuantity.optional(),
    hosts: notYet().optional(),
    bake: only(Duration, 0, '0s'),
    approval: only(z.boolean(), false, 'false'),
  })
  .superRefine((entry, context) => {
    const taken = [entry.size, entry.hosts].filter((each) => each !== undefined).length;
    if (taken === 1) return;
    const message = `takes exactly one of \`size\` and \`hosts\`${taken === 0 ? '; it has none' : ''}`;
    context.addIssue({ code: 'custom', message });
  })
  .transform(({ size, delay, maxFailures, maxUnreachable }) => ({
    size: size ?? { count: 1 },
    delay,
    maxFailures,
    maxUnreachable,
  }));

const Strategy = z.strictObject({
  /** The last entry repeats until no host is left. */
  batches: z
    .array(BatchEntry)
    .min(1, { error: 'needs at least one batch' })
    .max(MOST_BATCHES, { error: `takes at most ${MOST_BATCHES} batches` }),
  /** Hosts at work at once, forward, back and probes together, over all workers and sites. */
  concurrency: z.int().min(1, { error: 'must be at least 1' }).max(50_000).default(50),
  order: only(z.enum(['inventory', 'shuffled', 'spread']), 'inventory', 'inventory'),
  failureDomain: notYet().optional(),
  maxPerDomain: notYet().optional(),
  bake: only(Duration, 0, '0s'),
  strict: only(z.boolean(), false, 'false'),
  inflight: z.enum(['drain', 'cancel']).default('drain'),
  onTrip: only(z.enum(['pause', 'rollback-batch', 'rollback-all', 'abort']), 'pause', 'pause'),
});

const Budgets = z.strictObject({
  maxFailures: HostQuantity.optional(),
  maxUnreachable: HostQuantity.optional(),
  maxSameSignature: notYet().optional(),
});

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
  required: only(z.boolean(), false, 'false'),
  approvers: only(z.int(), 1, '1'),
  expires: only(Duration, 24 * 3_600_000, '24h'),
});

const Limits = z.strictObject({
  bandwidth: notYet().optional(),
  perSite: notYet().optional(),
  handshakesPerJump: only(z.int(), 8, '8'),
});

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
  labels: only(z.record(z.string(), z.string()), {}, 'an empty mapping'),
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
  timezone: notYet().optional(),
  windows: only(z.array(z.unknown()), [], 'an empty list'),
  approval: Approval.prefault({}),
  startAt: notYet().optional(),
  startWithin: only(Duration, 15 * 60_000, '15m'),
  supersedes: notYet().optional(),
  notify: z.array(Notification).max(100).default([]),
  limits: Limits.prefault({}),
});
export type RolloutPlan = z.infer<typeof RolloutPlan>;
