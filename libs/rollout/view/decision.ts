import type { Task } from './host.ts';
import type { FinalState, Reason, RolloutState } from './states.ts';
import type { HostNumber, Instant } from './view.ts';

/** The numbers behind a decision, stored with it: `numerator` of `denominator`, judged against `limit`. */
export interface Evidence {
  /** The rule that spoke, as named in the table of rules. */
  rule: string;
  scope: 'rollout' | 'batch';
  batch: number | undefined;
  numerator: number;
  denominator: number;
  /** Tolerated; one more trips. */
  limit: number;
  /** Of the numerator's kind, taken out because a person acknowledged them. */
  acknowledged: number;
}

/** What is next for a rollout. Applied in one transaction, then asked again until `wait`. */
export type Decision =
  | { kind: 'dispatch'; direction: Task; hosts: HostNumber[] }
  | { kind: 'start' }
  | { kind: 'askApproval'; batch: number | undefined }
  | { kind: 'pause'; reason: Reason }
  | { kind: 'startBake'; batch: number }
  | { kind: 'startBatch'; batch: number }
  | { kind: 'trip'; batch: number; reason: Reason; evidence: Evidence; signature?: string }
  | { kind: 'passGate'; batch: number; evidence: Evidence }
  | { kind: 'skipBatch'; batch: number }
  | { kind: 'endRollback'; state: RolloutState; reason: Reason | undefined }
  | { kind: 'startRollback'; scope: 'batch' | 'all' }
  | { kind: 'finish'; state: FinalState }
  | { kind: 'wait'; until: Instant | undefined; reason: Reason | undefined };
