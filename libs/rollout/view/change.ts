import type { ForwardOutcome } from './host.ts';
import type { BatchState, HostState, Reason, RolloutState } from './states.ts';
import type {
  AbortIntent,
  ApprovalView,
  BatchView,
  HostNumber,
  Instant,
  RollbackIntent,
  Strategy,
} from './view.ts';

/** Which hosts of the rollout: all that satisfy every key that is set. Made to become a WHERE clause. */
export interface HostSelection {
  states?: HostState[];
  batches?: number[];
  numbers?: HostNumber[];
  /** By the latest forward outcome, also where the host was rolled back since. */
  outcomes?: ForwardOutcome[];
  /** The switch began in this rollout and was not undone since. */
  changed?: true;
  /** Neither invited nor claimed. */
  idle?: true;
  /** Not acknowledged and its latest outcome is `failed`, `lost` or `unreachable`. */
  counted?: true;
  /** Of this signature. */
  signature?: string;
  /** `coveredBy` is set and at most this. */
  coveredUpTo?: number;
}

/**
 * What happens to each selected host; `changeHost` says the same for one row.
 * - `requeue`: `queued` -> `pending`, its invitation is void
 * - `retry`: -> `pending`, `retried`; outcome, unchanged, acknowledged and coveredBy cleared; at work (a probe): void
 * - `revive`: `cancelled` -> `pending`, nothing cleared
 * - `cancel`: -> `cancelled`, its invitation is void
 * - `stop`: the worker is told to stop at the next safe point; the state changes when it reports
 * - `cover`: coveredBy = number of the decision stored in this transaction, where it is not set yet
 * - `acknowledge`: acknowledged = true
 * - `rollBack`: -> `rolling_back`, due at once. The ledger leaves alone hosts that belong to another rollout now
 *   (`lock_conflict`) or that a later one changed (`superseded`)
 * - `rollBackAfter`: rollBackAfter = true; the state changes when the worker reports
 * - `skip`: -> `skipped`, its invitation is void; outcome, acknowledged, coveredBy and retried cleared
 * - `bake`: baked = false: its health is to be checked again
 * - `stopRollBack`: `rolling_back` -> its latest outcome, or `cancelled` without one
 */
export type HostChange =
  | 'requeue'
  | 'retry'
  | 'revive'
  | 'cancel'
  | 'stop'
  | 'cover'
  | 'acknowledge'
  | 'rollBack'
  | 'rollBackAfter'
  | 'skip'
  | 'bake'
  | 'stopRollBack';

export interface BatchChange {
  number: number;
  state?: BatchState;
  /** First dispatch of its hosts is now. */
  started?: true;
  /** `open`: passedAt = now. `shut`: passedAt and bakeUntil = undefined, waived = [], workedFor = 0. */
  gate?: 'open' | 'shut';
  /** bakeUntil becomes this. */
  bakeUntil?: Instant;
  /** delayWaived = true. */
  waiveDelay?: true;
  /** Numbers of the plan that a person changed. */
  numbers?: Partial<Pick<BatchView, 'delay' | 'maxFailures' | 'maxUnreachable'>>;
  /** Added to `waived`. */
  waive?: ('batch_failed' | 'deadline')[];
}

/**
 * One transaction on the ledger, for verbs and decisions alike. Hosts change in the given order, each selection is
 * taken after the change before it; then the counts of the batches are made anew.
 */
export interface Change {
  state: RolloutState;
  reason: Reason | undefined;
  batches: BatchChange[];
  hosts: { select: HostSelection; set: HostChange }[];
  /** The trips that stood are answered: `view.trips` is empty from here on. */
  answered: boolean;
  /** What `view.rollback` and `view.abort` become. */
  rollback: RollbackIntent | undefined;
  abort: AbortIntent | undefined;
  /** What `view.approval` becomes; absent: as it is. */
  approval?: ApprovalView | 'none';
  /** The hosts become its own (`lock_conflict` where one belongs to another rollout). */
  take?: true;
  /** What `view.strategy` becomes; absent: as it is. */
  strategy?: Strategy;
  /** What `view.windowWaivedUntil` becomes; absent: as it is. */
  windowWaivedUntil?: Instant;
  /** Holds of credentials that this rollout ran into are lifted: a person says that it is to go on. */
  liftHolds?: true;
}
