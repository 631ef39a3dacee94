export { allowedActions, waitOf, type Standing } from './allowed-actions.ts';
export { answerCounts, answerTotals, estimateEnd, percentComplete } from './answers.ts';
export { batchStateAfter } from './batch-state.ts';
export { budgets, countsAsFailed, tripsAt, type Budget, type Tally } from './budgets.ts';
export { changeHost, isSelected } from './change-host.ts';
export { changeOf, type Moving } from './change-of.ts';
export type { BatchChange, Change, HostChange, HostSelection } from './change.ts';
export { addCounts, countsDelta, emptyCounts, recount, totalCounts } from './counts.ts';
export type { Asking } from './asking.ts';
export { currentBatch } from './current-batch.ts';
export { decide, RULES } from './decide.ts';
export { approvalEnd } from './approval.ts';
export { delayEnd } from './delay.ts';
export { loosens } from './loosens.ts';
export type { Decision, Evidence } from './decision.ts';
export { refuseDuplicates, type PlannedHost } from './duplicates.ts';
export { explainDecision, type ToldDecision } from './explain.ts';
export { explainEvidence } from './explain-evidence.ts';
export { explainShared, sharedTraits, type Share, type SharedTrait } from './explain-shared.ts';
export { askedVerb, type AskedVerb } from './explain-verbs.ts';
export { explainWaits, type Wait } from './explain-waits.ts';
export { TASKS, type ForwardOutcome, type HostRow, type NamedHost, type Task } from './host.ts';
export {
  applyOutcome,
  beginSwitch,
  expireLease,
  MOST_EXPIRIES,
  type ClaimOutcome,
  type OutcomeContext,
} from './outcome.ts';
export {
  BatchEntry,
  MOST_BATCHES,
  NOTIFY_EVENTS,
  RolloutPlan,
  Window,
  Windows,
  type NotifyEvent,
} from './plan.ts';
export { canonicalJson, planDigest } from './plan-digest.ts';
export {
  planRollout,
  type BatchPlan,
  type PlannedBatch,
  type PlannedRollout,
  type PlanOptions,
} from './plan-rollout.ts';
export { planVerb } from './plan-verb.ts';
export { predict, type Pace, type PredictedBatch } from './predict.ts';
export { radiusOf, type Radius } from './preview.ts';
export { conflict } from './refusals.ts';
export { stay } from './roll-back.ts';
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
export { hasBegun } from './start.ts';
export { findTrip, type Trip } from './trip.ts';
export {
  AbortBody,
  PatchBody,
  PauseBody,
  ResumeBody,
  RETRYABLE_STATES,
  RetryBody,
  RollbackBody,
  SKIPPABLE_STATES,
  VERB_BODIES,
  VERBS,
  type Verb,
  type VerbKind,
} from './verbs.ts';
export type {
  AbortIntent,
  ApprovalView,
  BatchCounts,
  BatchView,
  HostNumber,
  Instant,
  NextHost,
  RollbackIntent,
  RolloutView,
  SignatureTally,
  StandingTrip,
  StateCounts,
  Strategy,
} from './view.ts';
export { isWorkTime } from './work-clock.ts';
export { windowAt, zoneOf, type WindowState, type Zones } from './windows.ts';
