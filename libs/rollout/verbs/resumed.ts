import { isOpen } from '../rules/budgets.ts';
import type { BatchChange, Change } from '../view/change.ts';
import { stay } from '../rules/roll-back.ts';
import type { BatchView, RolloutView } from '../view/view.ts';

/**
 * What every resume does: trips are answered, stopped hosts go again, and gates of batches that get hosts back are shut
 * and judged anew. A rollout that never had its hosts takes them, and a credential that was held is tried again.
 */
export function resumed(view: RolloutView, isShut: (batch: BatchView) => boolean): Change {
  return {
    ...stay(view),
    state: 'running',
    reason: undefined,
    answered: true,
    batches: view.batches
      .filter((batch) => isShut(batch) || isOpen(batch))
      .map((batch) => (isShut(batch) ? shut(batch) : goesOn(batch))),
    hosts: [{ select: { states: ['cancelled'] }, set: 'revive' }],
    liftHolds: true,
    ...(!view.owned && { take: true }),
    ...(view.approval && { approval: 'none' }),
  };
}

function shut({ number }: BatchView): BatchChange {
  return { number, state: 'running', gate: 'shut' };
}

function goesOn({ bakeUntil, number }: BatchView): BatchChange {
  return { number, state: bakeUntil === undefined ? 'running' : 'baking' };
}
