import { z } from 'zod';
import { Time } from './common.ts';

export const RestoreQuery = z.object({
  /** The file may be the ledger of another fleet. */
  otherFleet: z.enum(['true', 'false']).default('false'),
});
export type RestoreQuery = z.infer<typeof RestoreQuery>;

/** A ledger that took the place of another one, or is about to. */
export const Restore = z.strictObject({
  /** `staged`: taken in, the controller starts again with it. */
  state: z.enum(['staged', 'done']),
  at: Time,
  who: z.string(),
  fleet: z.string(),
  /** When the backup was made; null where the file does not say. */
  backedUpAt: Time.nullable(),
});
export type Restore = z.infer<typeof Restore>;

export const RecoveryBody = z.strictObject({
  /** Names of known hosts, or patterns with `*`. */
  hosts: z.union([z.string().min(1), z.array(z.string().min(1)).min(1).max(10_000)]).default('all'),
  note: z.string().min(1).max(2000).optional(),
});
export type RecoveryBody = z.infer<typeof RecoveryBody>;

const OfRollout = z.strictObject({ host: z.string(), rollout: z.string() });

/** What the hosts said and what of the ledger was corrected; of each list the first 1,000. */
export const RecoveryResult = z.strictObject({
  /** Hosts that held a greater epoch than the ledger. */
  epochs: z.array(z.strictObject({ host: z.string(), before: z.int(), after: z.int() })),
  /** Hosts that a rollout had switched without this ledger knowing: a rollback reaches them now. */
  changed: z.array(OfRollout),
  /** Of those: all that is to be checked was checked on the host before. */
  succeeded: z.array(OfRollout),
  /** Hosts that this ledger has as switched, and that are back at what was before. */
  rolledBack: z.array(OfRollout),
  /** Hosts that a rollout switched last that this ledger does not know. */
  unknown: z.array(OfRollout),
  /** Of those: hosts that waited in an earlier rollout, which leaves them alone now. */
  skipped: z.array(OfRollout),
  foreign: z.array(z.strictObject({ host: z.string(), fleet: z.string() })),
  unread: z.array(
    z.strictObject({ host: z.string(), code: z.string().nullable(), message: z.string() }),
  ),
});
export type RecoveryResult = z.infer<typeof RecoveryResult>;

/** A reading of hosts that the ledger is corrected by. */
export const Recovery = z.strictObject({
  id: z.string(),
  state: z.enum(['running', 'done']),
  at: Time,
  who: z.string(),
  counts: z.strictObject({
    planned: z.int(),
    waiting: z.int(),
    read: z.int(),
    failed: z.int(),
  }),
  /** Null while hosts are being read. */
  result: RecoveryResult.nullable(),
  /** Rollouts that wait for a person since the ledger was restored. */
  paused: z.array(z.strictObject({ id: z.string(), name: z.string() })),
});
export type Recovery = z.infer<typeof Recovery>;
