import type { Milliseconds } from '#units';
import type { BatchState, HostState, Reason, RolloutState } from './states.ts';

/** Milliseconds since 1970 of the controller's clock. */
export type Instant = number;
/** The place of a host in its rollout, from 0, in the order of the plan. */
export type HostNumber = number;

/** Hosts by state: always adds up to the planned hosts of its scope (`excluded` aside). */
export type StateCounts = Record<HostState, number>;

/** Kept in the transaction of the report, one row a batch; a recount of the hosts gives the same. */
export interface BatchCounts {
  states: StateCounts;
  /** Part of `succeeded`. */
  unchanged: number;
  /** Hosts in `failed` or `lost`, not acknowledged. */
  failures: number;
  /** Hosts whose latest outcome is `failed` or `lost`, not acknowledged, also where they were rolled back since. */
  stickyFailures: number;
  /** Hosts whose latest outcome is `failed`, `lost` or counted `unreachable`, acknowledged. */
  acknowledgedFailures: number;
  /** Hosts in `unreachable`, not acknowledged, and the acknowledged ones. */
  unreachables: number;
  acknowledgedUnreachables: number;
  /** Hosts that succeeded at some time in this rollout's forward direction and still stand so. */
  succeeded: number;
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
    /** Hosts that are `pending`, of the first batch whose gate is not open. */
    forward: HostNumber[];
    /** Hosts that are `rolling_back`, due and not at work. */
    back: HostNumber[];
    /** Hosts that are `lost`, due for a look and not at work. */
    probe: HostNumber[];
  };
  /** Sites whose hosts wait because no worker is there or the site is held, with the reason. */
  held: { site: string; reason: Reason; hosts: number }[];
  /** The earliest instant at which a host that waits becomes due (rollback retries, probes). */
  nextDue: Instant | undefined;
  /** Set while rolling back: what the rollout becomes when that has ended. */
  rollback: RollbackIntent | undefined;
  /** Set while aborting. */
  abort: { inflight: 'drain' | 'cancel'; rollback: 'none' | 'batch' | 'all' } | undefined;
}

export interface RollbackIntent {
  scope: 'failed' | 'batch' | 'all' | 'hosts';
  batch: number | undefined;
  /** The state it was asked in. */
  from: RolloutState;
  /** Hosts that it left alone. */
  leftAlone: number;
}
