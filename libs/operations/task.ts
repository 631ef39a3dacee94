import type { TreeDifference } from './compare-tree.ts';
import type { Facts } from './host/facts.ts';
import type { KnownTree } from './installed.ts';
import type { ResolvedOperation } from './playbook/resolved.ts';

/** How to become root after the login: absent where the login user does the work itself. */
export interface Become {
  user: string;
  password?: string | undefined;
}

/** Milliseconds; `host` is what is left of the time for the whole host. */
export interface TaskTimeouts {
  connect: number;
  step: number;
  host: number;
}

/** Tries within one claim, the first included; waits in milliseconds. */
export interface TaskRetries {
  attempts: number;
  backoff: number;
  maxBackoff: number;
}

/**
 * The change, its undoing, a look at a lost host, all checks once more with nothing changed, and facts alone: without
 * a lock and without a word left on the host.
 */
export type TaskKind = 'forward' | 'rollback' | 'probe' | 'bake' | 'read';

/** What is to be done on one host, by whom, and for how long: a claim, without what it takes to connect. */
export interface Task {
  task: TaskKind;
  rollout: string;
  /** The id of the ledger. */
  fleet: string;
  epoch: number;
  /** The host may be taken over from another fleet. */
  adopt: boolean;
  /** An earlier claim of this rollout began to switch this host: a success is never `unchanged`. */
  switched: boolean;
  /** `gofleet_root`; absent: /opt/gofleet as root, else ~/.gofleet. */
  root?: string | undefined;
  become?: Become | undefined;
  operations: ResolvedOperation[];
  /** Of a task `read`: the trees on the host are hashed and held against these; absent: they are not hashed. */
  trees?: KnownTree[] | undefined;
  timeouts: TaskTimeouts;
  retries: TaskRetries;
}

export type OutcomeState =
  | 'succeeded'
  | 'failed'
  | 'unreachable'
  | 'lost'
  | 'cancelled'
  | 'released'
  | 'rolled_back'
  | 'rollback_failed';

/** How a task ended; the shape that a worker reports. */
export interface Outcome {
  state: OutcomeState;
  /** Nothing differed, nothing was sent or switched. */
  unchanged: boolean;
  /** The switch began (in this task). */
  switched: boolean;
  code?: string | undefined;
  message?: string | undefined;
  remedy?: string | undefined;
  /** `released` because of our own side. */
  ownFault?: 'site_unavailable' | 'auth_held' | undefined;
  attempts: number;
  /** Bytes of blobs handed to the connection, over all attempts. */
  bytesSent: number;
  before?: HostSummary | undefined;
  after?: HostSummary | undefined;
}

/** What a host has, as people and later comparisons want it. */
export interface HostSummary {
  platform: string;
  /** As `uname -r` says, and of /etc/os-release. */
  kernel?: string | undefined;
  system?: string | undefined;
  mode: 'root' | 'user';
  user: string;
  root: string;
  freeBytes: number;
  freeInodes: number | null;
  /** The active trees by name. */
  go: string | null;
  modules: string | null;
  goVersion: string | null;
  /** The rollout that switched the host last. */
  rollout: string | null;
  /** Whose host it is, and the newest claim of that fleet; null where nothing is recorded. */
  fleet: string | null;
  epoch: number | null;
  links: Record<string, string>;
  checks: { check: string; ok: boolean; output: string }[];
  /** All that the host said, and what a rollout would fail on; only of a task `read`. */
  found?: Facts;
  faults?: HostFault[];
  /** The active trees, where they were hashed. */
  trees?: TreeReading[] | undefined;
}

/** How the files of a tree on a host are beside those of the archive that it was unpacked from. */
export interface TreeReading {
  kind: 'go' | 'modules';
  /** The name of its folder. */
  name: string;
  /** The archive; null where no bundle that is known has it, so that nothing could be compared. */
  blob: string | null;
  state: 'same' | 'differs' | 'unknown';
  /** That were hashed. */
  files: number;
  /** All that differ; `differences` names the first of them. */
  count: number;
  differences: TreeDifference[];
}

/** What is wrong with a host, by the code of the error table. */
export interface HostFault {
  code: string;
  message: string;
  remedy: string;
}

/** One thing that was done on the host. */
export interface StepRecord {
  name: string;
  /** RFC 3339. */
  at: string;
  ms: number;
  ok: boolean;
  detail?: string | undefined;
}

/** Why a task is asked to end at the next safe point: the `reason` of its AbortSignal. */
export type StopReason = 'cancel' | 'superseded' | 'drain';
