import type { Rollout } from '#api';
import type { Queries } from '#ledger';
import type { Change, RolloutView } from '#rollout';

/** What a verb does beside the change of the rules: with what it changes of that, and what it answers. */
export interface Effected {
  change: Partial<Change>;
  answer: Partial<Rollout>;
  /** For the audit. */
  after: Record<string, unknown>;
}

/** Done in the transaction of the verb, once the rules allow it. */
export type Effect = (queries: Queries, view: RolloutView) => Promise<Effected>;
