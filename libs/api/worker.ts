import { z } from 'zod';

/** The protocol of claims and reports; the controller serves its own and the one before, else 426. */
export const PROTOCOL = 1;

/** A BullMQ job's payload: there is work on this host for your site. May be lost, repeated, reordered. */
export const Invitation = z.strictObject({
  rollout: z.string(),
  host: z.int(),
  delivery: z.int(),
});
export type Invitation = z.infer<typeof Invitation>;

export const ClaimRequest = z.strictObject({
  protocol: z.int(),
  release: z.string(),
  /** Names the worker process, new with each start. */
  worker: z.string(),
  invitation: Invitation,
});
export type ClaimRequest = z.infer<typeof ClaimRequest>;

/** A host on the way. */
export const ClaimJump = z.strictObject({
  name: z.string(),
  /** Of the inventory host of that name: the worker's rules may speak of them. */
  groups: z.array(z.string()).default([]),
  address: z.string(),
  port: z.int(),
  user: z.string().optional(),
  keyFile: z.string().optional(),
  password: z.string().optional(),
  hostKeys: z.array(z.string()),
});
export type ClaimJump = z.infer<typeof ClaimJump>;

/** What a worker needs to connect; secrets and keys are names that only the worker can resolve. */
export const ClaimConnection = z.strictObject({
  address: z.string(),
  port: z.int(),
  user: z.string().optional(),
  keyFile: z.string().optional(),
  password: z.string().optional(),
  become: z.boolean(),
  becomeUser: z.string(),
  becomePassword: z.string().optional(),
  root: z.string().optional(),
  hostKeys: z.array(z.string()),
  /** Hosts that the connection goes through, from the worker on, each with what it is reached with. */
  jumps: z.array(ClaimJump).default([]),
});
export type ClaimConnection = z.infer<typeof ClaimConnection>;

export const BlobRef = z.strictObject({ sha256: z.string(), size: z.int() });
export type BlobRef = z.infer<typeof BlobRef>;

export const Timeouts = z.strictObject({
  connect: z.int(),
  step: z.int(),
  /** What is left of `timeouts.host`. */
  host: z.int(),
});
export type Timeouts = z.infer<typeof Timeouts>;

export const Limits = z.strictObject({
  /** Bytes a second of this worker's share: of the rollout, and of its site. */
  bandwidth: z.int().optional(),
  perSite: z.int().optional(),
  handshakesPerJump: z.int(),
});
export type Limits = z.infer<typeof Limits>;

export const Retries = z.strictObject({
  attempts: z.int(),
  backoff: z.int(),
  maxBackoff: z.int(),
});
export type Retries = z.infer<typeof Retries>;

/** A granted claim: the host is the worker's for `leaseMs`, renewed by reports and beats. */
export const Claim = z.strictObject({
  rollout: z.string(),
  host: z.int(),
  name: z.string(),
  site: z.string(),
  groups: z.array(z.string()),
  /** The id of the ledger, made with it. */
  fleet: z.string(),
  /** Counted per host over all rollouts; the host refuses smaller ones. */
  epoch: z.int(),
  leaseMs: z.int(),
  /** `bake`: all checks once more, nothing is changed. `read`: facts alone, without lock or epoch. */
  task: z.enum(['forward', 'rollback', 'probe', 'bake', 'read']),
  /** An admin allowed this claim to take the host over from another fleet. */
  adopt: z.boolean(),
  /** An earlier claim of this rollout began to switch this host: a success is then never `unchanged`. */
  switched: z.boolean(),
  connection: ClaimConnection,
  /** What is sent and set up at once, so that a rollout leaves room for others. */
  limits: Limits,
  /** Resolved operations, frozen with the rollout: `ResolvedOperation[]` of `operations`. */
  operations: z.array(z.unknown()),
  blobs: z.array(BlobRef),
  /** Of a task `read`: trees that hosts may have, to be hashed there and compared: `KnownTree[]` of `operations`. */
  trees: z.array(z.unknown()).optional(),
  /** What operations and blobs were taken from; null where hosts are only read. */
  bundle: z.strictObject({ name: z.string(), digest: z.string() }).nullable(),
  timeouts: Timeouts,
  retries: Retries,
});
export type Claim = z.infer<typeof Claim>;

/** How a claim ended. `released`: given back untouched, no fault of the host. */
export const OutcomeState = z.enum([
  'succeeded',
  'failed',
  'unreachable',
  'lost',
  'cancelled',
  'released',
  'rolled_back',
  'rollback_failed',
]);
export type OutcomeState = z.infer<typeof OutcomeState>;

export const StepRecord = z.strictObject({
  name: z.string(),
  at: z.string(),
  ms: z.int(),
  ok: z.boolean(),
  detail: z.string().optional(),
});
export type StepRecord = z.infer<typeof StepRecord>;

export const Outcome = z.strictObject({
  state: OutcomeState,
  /** Nothing differed, nothing was sent or switched. */
  unchanged: z.boolean(),
  /** The switch began (in this claim). */
  switched: z.boolean(),
  code: z.string().optional(),
  message: z.string().optional(),
  remedy: z.string().optional(),
  /** `released` because of our own side: which, to hold the site. */
  ownFault: z.enum(['site_unavailable', 'auth_held']).optional(),
  attempts: z.int(),
  bytesSent: z.int(),
  before: z.unknown().optional(),
  after: z.unknown().optional(),
});
export type Outcome = z.infer<typeof Outcome>;

export const Report = z.strictObject({
  rollout: z.string(),
  host: z.int(),
  epoch: z.int(),
  /** Counts the reports of one claim from 1; one that was seen is answered and not applied again. */
  seq: z.int(),
  step: StepRecord.optional(),
  /** The switch is about to begin: stored before it does. */
  switching: z.boolean().optional(),
  log: z.string().optional(),
  outcome: Outcome.optional(),
});
export type Report = z.infer<typeof Report>;

/** One call carries all that a worker has to say; with `reports: []` it is the heartbeat, every 5 s. */
export const ReportRequest = z.strictObject({
  protocol: z.int(),
  worker: z.string(),
  /** Every claim that it works on: leases are renewed for these alone. */
  working: z.array(z.strictObject({ rollout: z.string(), host: z.int(), epoch: z.int() })),
  /** False once it drains: it takes no more claims. */
  open: z.boolean(),
  reports: z.array(Report),
});
export type ReportRequest = z.infer<typeof ReportRequest>;

export const ReportAnswer = z.strictObject({
  leaseMs: z.int(),
  /** Claims to stop at the next safe point (`cancel`) or that are the worker's no longer (`superseded`). */
  stop: z.array(
    z.strictObject({
      rollout: z.string(),
      host: z.int(),
      epoch: z.int(),
      why: z.enum(['cancel', 'superseded']),
    }),
  ),
});
export type ReportAnswer = z.infer<typeof ReportAnswer>;

export const Hello = z.strictObject({
  protocol: z.int(),
  release: z.string(),
  fleet: z.string(),
  site: z.string(),
  queue: z.strictObject({ name: z.string(), prefix: z.string() }),
});
export type Hello = z.infer<typeof Hello>;
