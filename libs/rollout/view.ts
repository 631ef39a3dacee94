import type { Milliseconds } from '#units';
import type { BatchState, HostState, Reason, RolloutState } from './states.ts';

/** Milliseconds since 1970 of the controller's clock. */
export type Instant = number;
/** The place of a host in its rollout, from 0, in the order of the plan. */
export type HostNumber = number;

/** Hosts by state: always adds up to the planned hosts of its scope (`excluded` aside). */
export type StateCounts = Record<HostState, number>;

/** Kept in the transaction of the report, one row a batch; `recount` of the hosts gives the same. */
export interface BatchCounts {
  states: StateCounts;
  /** Part of `succeeded`. */
  unchanged: number;
  /** Hosts in `failed` or `lost`, not acknowledged. */
  failures: number;
  /** Hosts whose latest outcome is `failed` or `lost`, not acknowledged, also where they were rolled back since. */
  stickyFailures: number;
  /** Like `failures` and `stickyFailures`, acknowledged. */
  acknowledgedFailures: number;
  stickyAcknowledged: number;
  /** Hosts in `unreachable`, not acknowledged, and the acknowledged ones. */
  unreachables: number;
  acknowledgedUnreachables: number;
  /** Of `failures`, `stickyFailures` and `unreachables`: counted in a trip already (`coveredBy`). */
  coveredFailures: number;
  coveredSticky: number;
  coveredUnreachables: number;
  /** Hosts whose latest outcome is `succeeded`, also where they were rolled back since. */
  succeeded: number;
  /** Hosts that this rollout changed and that were not rolled back since. */
  changed: number;
  /** Hosts that a retry set back and that have not ended again. */
  retrying: number;
}

export interface BatchView {
  /** From 1. */
  number: number;
  state: BatchState;
  /** Hosts planned in it, frozen. */
  size: number;
  /** After its gate opened, to the first dispatch of the next batch. */
  delay: Milliseconds;
  /** Tolerances in hosts, resolved from percents when the plan was frozen; undefined where not set. */
  maxFailures: number | undefined;
  maxUnreachable: number | undefined;
  /** First dispatch of its hosts. */
  startedAt: Instant | undefined;
  /** Its gate opened (state `passed` or `skipped`). */
  passedAt: Instant | undefined;
  /** Time it was at work so far, pauses left out; for `timeouts.batch`. */
  workedFor: Milliseconds;
  /** Rules that a person let this batch pass by acknowledging them. */
  waived: ('batch_failed' | 'deadline')[];
  counts: BatchCounts;
}

/** The numbers of the plan that decisions need, frozen with it. */
export interface Strategy {
  concurrency: number;
  inflight: 'drain' | 'cancel';
  maxFailures: number | undefined;
  maxUnreachable: number | undefined;
  /** Hosts planned in the whole rollout. */
  planned: number;
  batchTimeout: Milliseconds;
  hostTimeout: Milliseconds;
}

/** All that `decide` may look at: plain data, never a row for every host. */
export interface RolloutView {
  id: string;
  /** Compare-and-set number of the rollout's row. */
  rev: number;
  state: RolloutState;
  reason: Reason | undefined;
  strategy: Strategy;
  batches: BatchView[];
  /** Hosts invited or claimed, forward, back and probes together. */
  atWork: number;
  /** Hosts claimed now. */
  running: number;
  /** What could be dispatched next, in order, at most `concurrency` of each, only for sites with a live worker. */
  next: {
    /** Hosts that are `pending`, of the first batch whose gate is not open; retried ones first, then by number. */
    forward: HostNumber[];
    /** How many at the head of `forward` a retry set back (`retried`): they come before all others. */
    retries: number;
    /** Hosts that are `rolling_back`, due and not at work. */
    back: HostNumber[];
    /** Hosts that are `lost`, due for a look and not at work. */
    probe: HostNumber[];
  };
  /** Sites whose hosts wait because no worker is there or the site is held, with the reason. */
  held: { site: string; reason: Reason; hosts: number }[];
  /** The earliest instant at which a host that waits becomes due (rollback retries, probes). */
  nextDue: Instant | undefined;
  /** Trips since the last `resume` (or retry while paused), oldest first: the last is what stands. */
  trips: StandingTrip[];
  /** The batch that tripped last in the whole life of the rollout. */
  lastTripped: number | undefined;
  /** Set while rolling back: what the rollout becomes when that has ended. */
  rollback: RollbackIntent | undefined;
  /** Set while aborting. */
  abort: AbortIntent | undefined;
}

/** A trip that no person has answered yet. */
export interface StandingTrip {
  /** The number of the stored decision. */
  decision: number;
  /** As in its evidence: whose budget it was. */
  scope: 'rollout' | 'batch';
  batch: number;
  reason: Reason;
}

export interface AbortIntent {
  inflight: 'drain' | 'cancel';
  rollback: 'none' | 'batch' | 'all';
}

export interface RollbackIntent {
  scope: 'failed' | 'batch' | 'all' | 'hosts';
  batch: number | undefined;
  /** The state it was asked in. */
  from: RolloutState;
}
