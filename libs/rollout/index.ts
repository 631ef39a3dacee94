export type { BatchChange, Change, HostChange, HostSelection } from './change.ts';
export type { Decision, Evidence } from './decision.ts';
export type { ForwardOutcome, HostRow, Task } from './host.ts';
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
