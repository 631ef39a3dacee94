import { batchFailures, ownTolerance, rolloutFailures } from './budgets.ts';
import type { Evidence } from './decision.ts';
import type { BatchView, RolloutView } from './view.ts';

/** The numbers with which a gate opens: the failures of the batch against its own tolerance, else the rollout's. */
export function gateEvidence(view: RolloutView, batch: BatchView): Evidence {
  const own = ownTolerance(batch, view.strategy);
  const tally = own === undefined ? rolloutFailures(view) : batchFailures(batch, view.strategy);
  return {
    rule: 'pass_gate',
    scope: own === undefined ? 'rollout' : 'batch',
    batch: batch.number,
    numerator: tally.open,
    denominator: own === undefined ? view.strategy.planned : batch.size,
    limit: own ?? view.strategy.maxFailures ?? 0,
    acknowledged: tally.acknowledged,
  };
}
