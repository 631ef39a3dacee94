import type { BatchView, RolloutView } from './view.ts';

/** The first batch whose gate is not open. */
export function currentBatch(view: Pick<RolloutView, 'batches'>): BatchView | undefined {
  return view.batches.find((batch) => batch.passedAt === undefined);
}
