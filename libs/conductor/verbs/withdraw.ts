import type { Change, RolloutView } from '#rollout';

/** A start that was approved is another one once its hosts have changed: people are asked anew. */
export function withdrawn({ state, strategy }: RolloutView, now: number): Partial<Change> {
  if (state !== 'scheduled' || !strategy.approval.required) return {};
  const message = `the start waits for approval: 0 of ${strategy.approval.approvers}`;
  return {
    state: 'pending_approval',
    reason: { code: 'approval', message },
    approval: { batch: undefined, askedAt: now, by: [] },
  };
}
