import type { HostState } from './states.ts';
import type { HostNumber } from './view.ts';

/** What the last forward claim of a host ended with; an acknowledgement or a rollback does not change it. */
export type ForwardOutcome = 'succeeded' | 'failed' | 'unreachable' | 'lost';

/**
 * What a claim asks a worker to do on a host: the change, its undoing, a look at a lost host, the checks once more at the
 * end of a bake.
 */
export const TASKS = ['forward', 'back', 'probe', 'bake'] as const;
export type Task = (typeof TASKS)[number];

/** One host of a rollout, as far as the rules look at it. */
export interface HostRow {
  number: HostNumber;
  /** From 1. */
  batch: number;
  state: HostState;
  /** Undefined from the moment it is planned or retried until it has ended. */
  outcome: ForwardOutcome | undefined;
  /** Only with outcome `succeeded`: nothing differed, nothing was sent or switched. */
  unchanged: boolean;
  /** The switch began in this rollout, and the host was not rolled back since. */
  changed: boolean;
  /** A person took its failure out of the budgets. */
  acknowledged: boolean;
  /** The first trip (number of the decision) that its failure was counted in. */
  coveredBy: number | undefined;
  /** A retry set it back, and it has not ended again. */
  retried: boolean;
  /** What it is invited or claimed for; undefined when not at work. */
  task: Task | undefined;
  /** Chosen for a rollback while at work forward: it is rolled back when that has ended. */
  rollBackAfter: boolean;
  /** Health was checked again since its batch began to bake. */
  baked: boolean;
  /** The signature of its failure; undefined unless it failed, was lost or could not be reached. */
  signature: string | undefined;
  /** Leases of this rollout that ran out on it. */
  expiries: number;
}

/** A host that a verb names, looked up by the caller. */
export type NamedHost = Pick<HostRow, 'number' | 'batch' | 'state'> & { name: string };
