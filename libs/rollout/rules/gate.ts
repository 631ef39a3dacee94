import { batchFailures, ownTolerance, rolloutFailures } from './budgets.ts';
import type { Decision, Evidence } from '../view/decision.ts';
import { hasEnded } from './trip.ts';
import type { BatchView, RolloutView } from '../view/view.ts';

/** Nothing of a batch is left: every host of it was skipped. */
export function isSkipped({ counts, size }: BatchView): boolean {
  return counts.states.skipped === size;
}

export function skipBatch(_: RolloutView, batch: BatchView): Decision | undefined {
  return isSkipped(batch) ? { kind: 'skipBatch', batch: batch.number } : undefined;
}

export function passGate(view: RolloutView, batch: BatchView): Decision | undefined {
  if (!hasEnded(batch)) return undefined;
  return { kind: 'passGate', batch: batch.number, evidence: gateEvidence(view, batch) };
}

/** The numbers with which a gate opens: the failures of the batch against its own tolerance, else the rollout's. */
function gateEvidence(view: RolloutView, batch: BatchView): Evidence {
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
