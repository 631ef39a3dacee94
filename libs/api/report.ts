import { z } from 'zod';
import { AuditEntry } from './access.ts';
import { Trust } from './bundle.ts';
import { Time } from './common.ts';
import { Attempt, RolloutHost } from './host.ts';
import { DecisionRecord, FailureGroup, Rollout } from './rollout.ts';

/** One host in a report: how it ended, every attempt, and what was read on it before and after. */
export const ReportHost = RolloutHost.extend({
  /** How its latest forward attempt ended, also where it was rolled back since. */
  outcome: z.string().nullable(),
  groups: z.array(z.string()),
  attempts: z.array(Attempt.omit({ steps: true })),
  before: z.unknown(),
  after: z.unknown(),
});
export type ReportHost = z.infer<typeof ReportHost>;

/** Who approved or denied the start or a gate. */
export const ReportApproval = z.strictObject({
  decision: z.int(),
  at: Time,
  by: z.string(),
  answer: z.enum(['approve', 'deny']),
  /** Null: the start. */
  batch: z.int().nullable(),
  note: z.string().nullable(),
});
export type ReportApproval = z.infer<typeof ReportApproval>;

/** What was planned, who asked for it, and how it stands. */
export const ReportAbout = z.strictObject({
  rollout: Rollout.omit({
    rollback: true,
    warnings: true,
    eta: true,
    allowedActions: true,
  }).loose(),
  /** As it was frozen: the plan but for its inventory, and what its playbook came to. */
  plan: z.looseObject({}),
  operations: z.array(z.unknown()),
  /** Who signed its bundle, as it was judged when the rollout was created; null where nobody noted it. */
  trust: Trust.nullable(),
  /** What the plan was warned of when it was created. */
  warnings: z.array(z.string()),
  approvals: z.array(ReportApproval),
});
export type ReportAbout = z.infer<typeof ReportAbout>;

/**
 * Evidence of a rollout. `report` is canonical JSON (sorted keys, no spaces) and `sha256` its SHA-256: once a rollout
 * has ended it stays the same, whenever it is asked for.
 */
export const EvidenceReport = z.strictObject({
  generatedAt: Time,
  report: z.strictObject({
    about: ReportAbout,
    /** Everything that a person did, oldest first, with the hashes of the audit. */
    audit: z.array(AuditEntry),
    decisions: z.array(DecisionRecord),
    failures: z.array(FailureGroup.omit({ shared: true })),
    /** In the order of the plan. */
    hosts: z.array(ReportHost),
    schema: z.literal(1),
  }),
  sha256: z.string(),
});
export type EvidenceReport = z.infer<typeof EvidenceReport>;
