import type { Decision } from '../view/decision.ts';
import type { BatchView, Instant, RolloutView } from '../view/view.ts';
import { wait } from './wait.ts';

/** Applies once, before the first dispatch of a batch: a gate that opens again delays nothing that has started. */
export function delay(view: RolloutView, batch: BatchView, now: Instant): Decision | undefined {
  const until = delayEnd(view, batch);
  return until !== undefined && until > now ? wait(undefined, until, view.nextDue) : undefined;
}

/** When a batch that has not started may start; undefined where no delay comes before it. */
export function delayEnd(
  view: Pick<RolloutView, 'batches'>,
  batch: BatchView,
): Instant | undefined {
  if (batch.startedAt !== undefined || batch.delayWaived) return undefined;
  const before = view.batches.findLast(
    (each) => each.number < batch.number && each.state !== 'skipped',
  );
  return before?.passedAt === undefined ? undefined : before.passedAt + before.delay;
}
