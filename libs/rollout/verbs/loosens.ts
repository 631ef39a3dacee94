import { isDeepStrictEqual } from 'node:util';
import { ownTolerance } from '../rules/budgets.ts';
import type { BatchView, RolloutView, Strategy } from '../view/view.ts';

type Numbers = Pick<RolloutView, 'strategy' | 'batches'>;

/** Whether the later numbers allow anything that the earlier ones did not: more failures, more at once, sooner. */
export function loosens(before: Numbers, after: Numbers): boolean {
  return (
    after.strategy.concurrency > before.strategy.concurrency ||
    isMore(before.strategy.maxFailures, after.strategy.maxFailures) ||
    isMore(before.strategy.maxSameSignature, after.strategy.maxSameSignature) ||
    isMoreUnreachable(before.strategy, after.strategy) ||
    widens(before.strategy.windows, after.strategy.windows) ||
    before.batches.some((batch, index) => {
      const later = after.batches[index];
      return later !== undefined && isLooser([before.strategy, batch], [after.strategy, later]);
    })
  );
}

type Held = [Strategy, BatchView];

function isLooser([strategy, batch]: Held, [newStrategy, newBatch]: Held): boolean {
  return (
    newBatch.delay < batch.delay ||
    isMore(ownTolerance(batch, strategy), ownTolerance(newBatch, newStrategy)) ||
    isMoreUnreachable(batch, newBatch)
  );
}

/** Not set: no such limit. */
function isMore(before: number | undefined, after: number | undefined): boolean {
  return (after ?? Infinity) > (before ?? Infinity);
}

/** Where it was not set, unreachable hosts counted as failed; once it is set they no longer do. */
function isMoreUnreachable(
  before: Pick<BatchView, 'maxUnreachable'>,
  after: Pick<BatchView, 'maxUnreachable'>,
): boolean {
  if (before.maxUnreachable === undefined) return after.maxUnreachable !== undefined;
  return isMore(before.maxUnreachable, after.maxUnreachable);
}

/** No window means any time. */
function widens(before: Strategy['windows'], after: Strategy['windows']): boolean {
  if (before.length === 0) return false;
  if (after.length === 0) return true;
  return after.some((window) => !before.some((each) => isDeepStrictEqual(each, window)));
}
