import type { Milliseconds } from '#units';
import type { Task } from './host.ts';
import type { Window } from '../planning/plan.ts';
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
  /** Part of `succeeded`: health was checked again since its batch began to bake. */
  baked: number;
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
  /** After its last host, before health is checked again and its gate judged. */
  bake: Milliseconds;
  /** Its gate opens only when people have approved (not asked of the last batch). */
  approval: boolean;
  /** When its bake ends and health is checked; set when it began to bake, cleared when its gate is shut again. */
  bakeUntil: Instant | undefined;
  /** A person ended the delay before it. */
  delayWaived: boolean;
  /** Time it was at work so far, pauses left out; for `timeouts.batch`. */
  workedFor: Milliseconds;
  /** Rules that a person let this batch pass by acknowledging them. */
  waived: ('batch_failed' | 'deadline')[];
  counts: BatchCounts;
}

/** The numbers of the plan that decisions need, frozen with it. */
export interface Strategy {
  concurrency: number;
  /** Never more hosts at work than failures are left before a trip, and at least one. */
  strict: boolean;
  inflight: 'drain' | 'cancel';
  onTrip: 'pause' | 'rollback-batch' | 'rollback-all' | 'abort';
  maxFailures: number | undefined;
  maxUnreachable: number | undefined;
  /** Failures of one signature that are tolerated; undefined: any number. */
  maxSameSignature: number | undefined;
  /** Hosts of one failure domain at work forward at once, by domain; empty where the plan sets no `maxPerDomain`. */
  domains: Record<string, number>;
  /** In which hosts may start; empty: at any time. */
  windows: Window[];
  /** Of people; undefined: nobody is asked before the start. */
  approval: { required: boolean; approvers: number; expires: Milliseconds };
  startAt: Instant | undefined;
  startWithin: Milliseconds;
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
  /** Its first host was dispatched. */
  startedAt: Instant | undefined;
  /** Its hosts belong to it: not before its start, and not after its end. */
  owned: boolean;
  /** While it does not own its hosts: what hosts of it belong to, and whether that is on its way out for this one's sake. */
  conflict: { hosts: number; rollout: string; ending: boolean } | undefined;
  /** Why its bundle may not be sent to hosts, as its signature or its blobs are now; looked at when it is to start. */
  bundle: Reason | undefined;
  /** Nothing forward is dispatched anywhere, and nothing back where `rollbacks`. */
  freeze: { reason: Reason; rollbacks: boolean } | undefined;
  /** Hosts invited or claimed, forward, back and probes together. */
  atWork: number;
  /** Of `atWork`, by what they are invited or claimed for. */
  working: Record<Task, number>;
  /** Hosts claimed now. */
  running: number;
  /** Of the hosts at work forward, by failure domain; only the domains of `strategy.domains`. */
  domainsAtWork: Record<string, number>;
  /** Hosts that are `pending` because a lease ran out: their last claim may still end late. */
  doubtful: number;
  /** What could be dispatched next, in order, at most `concurrency` of each, only for sites with a live worker. */
  next: {
    /**
     * Hosts that are `pending`, of the first batch whose gate is not open, in an open window and with a credential
     * that is not held; retried ones first, then those whose lease ran out, then by number.
     */
    forward: NextHost[];
    /** How many at the head of `forward` a retry set back (`retried`): they come before all others. */
    retries: number;
    /** Hosts that are `rolling_back`, due and not at work. */
    back: HostNumber[];
    /** Hosts that are `lost`, due for a look and not at work. */
    probe: HostNumber[];
    /** Hosts that succeeded in a batch whose bake has ended, whose health is not checked again yet, not at work. */
    bake: HostNumber[];
  };
  /**
   * Windows of the hosts of the current batch that wait: `shut` where none of them may start now, `opensAt` when the
   * first may. Undefined where the plan has no windows.
   */
  window: { shut: boolean; opensAt: Instant | undefined } | undefined;
  /** A person ended the wait for a window: hosts start outside of it until then. */
  windowWaivedUntil: Instant | undefined;
  /** Who approved what is asked for now, and until when it is asked. Undefined where nothing is. */
  approval: ApprovalView | undefined;
  /** Failures that look alike, not acknowledged, the most first; only where `maxSameSignature` is set. */
  signatures: SignatureTally[];
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

/** A host that could be dispatched forward. */
export interface NextHost {
  number: HostNumber;
  /** Its failure domain; undefined where the plan sets no `maxPerDomain`. */
  domain: string | undefined;
  /** Its last lease ran out: see `doubtful`. */
  doubtful: boolean;
}

/** What people are asked for: the start of the rollout (`batch` undefined), or the gate of a batch. */
export interface ApprovalView {
  batch: number | undefined;
  askedAt: Instant;
  /** Ids of the tokens that approved, each once. */
  by: string[];
}

/** Failures of one signature. */
export interface SignatureTally {
  signature: string;
  /** As one of them said it. */
  message: string;
  open: number;
  covered: number;
  acknowledged: number;
  /** The batch of the latest of them. */
  batch: number;
}

/** A trip that no person has answered yet. */
export interface StandingTrip {
  /** The number of the stored decision. */
  decision: number;
  /** As in its evidence: whose budget it was. */
  scope: 'rollout' | 'batch';
  batch: number;
  reason: Reason;
  /** Of a trip by `signature_concentration`. */
  signature?: string;
}

export interface AbortIntent {
  /** What it becomes: by a person, or by `onTrip`. */
  final: 'aborted' | 'failed';
  inflight: 'drain' | 'cancel';
  rollback: 'none' | 'batch' | 'all';
}

export interface RollbackIntent {
  scope: 'failed' | 'batch' | 'all' | 'hosts';
  batch: number | undefined;
  /** The state it was asked in. */
  from: RolloutState;
}
