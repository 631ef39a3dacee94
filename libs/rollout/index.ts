export { allowedActions, waitOf, type Standing } from './verbs/allowed-actions.ts';
export { answerCounts, answerTotals, estimateEnd, percentComplete } from './view/answers.ts';
export { batchStateAfter } from './view/batch-state.ts';
export { budgets, countsAsFailed, tripsAt, type Budget, type Tally } from './rules/budgets.ts';
export { changeHost, isSelected } from './hosts/change-host.ts';
export { changeOf, type Moving } from './hosts/change-of.ts';
export type { BatchChange, Change, HostChange, HostSelection } from './view/change.ts';
export { addCounts, countsDelta, emptyCounts, recount, totalCounts } from './view/counts.ts';
export type { Asking } from './view/asking.ts';
export { currentBatch } from './view/current-batch.ts';
export { decide, RULES } from './decide.ts';
export { approvalEnd } from './rules/approval.ts';
export { delayEnd } from './rules/delay.ts';
export { loosens } from './verbs/loosens.ts';
export type { Decision, Evidence } from './view/decision.ts';
export { refuseDuplicates, type PlannedHost } from './planning/duplicates.ts';
export { explainDecision, type ToldDecision } from './explain/explain.ts';
export { explainEvidence } from './explain/explain-evidence.ts';
export {
  explainShared,
  sharedTraits,
  type Share,
  type SharedTrait,
} from './explain/explain-shared.ts';
export { askedVerb, type AskedVerb } from './explain/explain-verbs.ts';
export { explainWaits, type Wait } from './explain/explain-waits.ts';
export {
  TASKS,
  type ForwardOutcome,
  type HostRow,
  type NamedHost,
  type Task,
} from './view/host.ts';
export {
  applyOutcome,
  beginSwitch,
  expireLease,
  MOST_EXPIRIES,
  type ClaimOutcome,
  type OutcomeContext,
} from './hosts/outcome.ts';
export {
  BatchEntry,
  MOST_BATCHES,
  NOTIFY_EVENTS,
  RolloutPlan,
  Window,
  Windows,
  type NotifyEvent,
} from './planning/plan.ts';
export { canonicalJson, planDigest } from './planning/plan-digest.ts';
export {
  planRollout,
  type BatchPlan,
  type PlannedBatch,
  type PlannedRollout,
  type PlanOptions,
} from './planning/plan-rollout.ts';
export { planVerb } from './verbs/plan-verb.ts';
export { predict, type Pace, type PredictedBatch } from './planning/predict.ts';
export { radiusOf, type Radius } from './planning/preview.ts';
export { conflict } from './verbs/refusals.ts';
export { stay } from './rules/roll-back.ts';
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
} from './view/states.ts';
export { hasBegun } from './rules/start.ts';
export { findTrip, type Trip } from './rules/trip.ts';
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
} from './verbs/verbs.ts';
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
} from './view/view.ts';
export { isWorkTime } from './rules/work-clock.ts';
export { windowAt, zoneOf, type WindowState, type Zones } from './rules/windows.ts';
