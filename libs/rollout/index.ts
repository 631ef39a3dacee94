export type { Decision, Evidence } from './decision.ts';
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
export type {
  BatchCounts,
  BatchView,
  HostNumber,
  Instant,
  RollbackIntent,
  RolloutView,
  StateCounts,
  Strategy,
} from './view.ts';
