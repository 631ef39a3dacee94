/** States of a rollout. Nothing forward happens any more in a final one. */
export const ROLLOUT_STATES = [
  'pending_approval',
  'denied',
  'scheduled',
  'running',
  'paused',
  'rolling_back',
  'aborting',
  'succeeded',
  'completed_with_errors',
  'rolled_back',
  'aborted',
  'failed',
] as const;
export type RolloutState = (typeof ROLLOUT_STATES)[number];

export const FINAL_STATES = [
  'denied',
  'succeeded',
  'completed_with_errors',
  'rolled_back',
  'aborted',
  'failed',
] as const satisfies RolloutState[];
export type FinalState = (typeof FINAL_STATES)[number];

export const BATCH_STATES = [
  'pending',
  'waiting',
  'running',
  'baking',
  'passed',
  'tripped',
  'rolling_back',
  'rolled_back',
  'skipped',
] as const;
export type BatchState = (typeof BATCH_STATES)[number];

/** States of a host in one rollout. `excluded` hosts were never planned. */
export const HOST_STATES = [
  'pending',
  'queued',
  'running',
  'succeeded',
  'failed',
  'unreachable',
  'lost',
  'cancelled',
  'skipped',
  'excluded',
  'rolling_back',
  'rolled_back',
  'rollback_failed',
] as const;
export type HostState = (typeof HOST_STATES)[number];

/** Why something stands where it stands. */
export const REASON_CODES = [
  'failure_budget',
  'unreachable_budget',
  'batch_failed',
  'health',
  'approval',
  'window',
  'freeze',
  'operator',
  'deadline',
  'lock_conflict',
  'signature_concentration',
  'rollback_failed',
  'site_unavailable',
  'no_worker',
  'auth_held',
  'superseded',
  'recovered',
  'bundle_refused',
] as const;
export type ReasonCode = (typeof REASON_CODES)[number];

export interface Reason {
  code: ReasonCode;
  /** A sentence with the numbers in it. */
  message: string;
  /** The stored decision that it comes from, if one does. */
  decision?: number;
}

export function isFinal(state: RolloutState): state is FinalState {
  return (FINAL_STATES as readonly RolloutState[]).includes(state);
}
