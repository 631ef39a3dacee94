export type { BatchChange, Change, HostChange, HostSelection } from './change.ts';
export type { Decision, Evidence } from './decision.ts';
export type { ForwardOutcome, HostRow, Task } from './host.ts';
export type { PlannedHost } from './duplicates.ts';
export { MOST_BATCHES, NOTIFY_EVENTS, RolloutPlan, type NotifyEvent } from './plan.ts';
export { canonicalJson, planDigest } from './plan-digest.ts';
export {
  planRollout,
  type BatchPlan,
  type PlannedBatch,
  type PlannedRollout,
} from './plan-rollout.ts';
export {
  BATCH_STATES,
  FINAL_STATES,
  HOST_STATES,
  isFinal,
  REASON_CODES,
  ROLLOUT_STATES,
  type BatchState,
  type FinalState,
  type HostState,
  type Reason,
  type ReasonCode,
  type RolloutState,
} from './states.ts';
export {
  AbortBody,
  PauseBody,
  ResumeBody,
  RETRYABLE_STATES,
  RetryBody,
  RollbackBody,
  VERB_BODIES,
  VERBS,
  type Verb,
  type VerbKind,
} from './verbs.ts';
export type {
  AbortIntent,
  BatchCounts,
  BatchView,
  HostNumber,
  Instant,
  RollbackIntent,
  RolloutView,
  StandingTrip,
  StateCounts,
  Strategy,
} from './view.ts';
