import { isBrokenAnew } from './broken-anew.ts';
import { isOpen } from './budgets.ts';
import type { Decision } from '../view/decision.ts';
import type { RolloutView, SignatureTally } from '../view/view.ts';

type Trip = Extract<Decision, { kind: 'trip' }>;

/** More hosts failed in the same way than `maxSameSignature` tolerates, while a batch is at work. */
export function signatureTrip(view: RolloutView): Trip | undefined {
  const { maxSameSignature: tolerance } = view.strategy;
  const [open] = view.batches.filter(isOpen);
  if (tolerance === undefined || !open) return undefined;
  const found = view.signatures.find((tally) => isBrokenAnew(view, tally, tolerance));
  if (!found) return undefined;
  const latest = view.batches.find((batch) => batch.number === found.batch && isOpen(batch));
  return concentrated(view, found, (latest ?? open).number);
}

/** Failures that are left to the signature that has most before it trips; infinite where the plan does not count them. */
export function signaturesLeft({ signatures, strategy }: RolloutView): number {
  if (strategy.maxSameSignature === undefined) return Infinity;
  const most = Math.max(0, ...signatures.map(({ open }) => open));
  return strategy.maxSameSignature + 1 - most;
}

function concentrated(
  { strategy }: RolloutView,
  { acknowledged, message, open, signature }: SignatureTally,
  batch: number,
): Trip {
  const limit = strategy.maxSameSignature ?? 0;
  const total = open + acknowledged;
  const aside = acknowledged > 0 ? `, ${acknowledged} of them acknowledged` : '';
  return {
    kind: 'trip',
    batch,
    signature,
    reason: {
      code: 'signature_concentration',
      message: `rollout: ${total} failed alike (${message})${aside}, ${limit} tolerated`,
    },
    evidence: {
      rule: 'signature_concentration',
      scope: 'rollout',
      batch: undefined,
      numerator: open,
      denominator: strategy.planned,
      limit,
      acknowledged,
    },
  };
}
