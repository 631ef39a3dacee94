import type { Queries } from '#ledger';
import type { BatchChange, BatchView, Change, Reason, RolloutView } from '#rollout';
import type { Clock } from './clock.ts';
import { toJson } from '../json.ts';

/** Stores what a change makes of batches, and the time that each was at work. Answers those whose state moved. */
export async function storeBatches(
  queries: Queries,
  view: RolloutView,
  change: Change,
  { reason, now, clock }: { reason: Reason | undefined; now: number; clock: Clock },
): Promise<BatchChange[]> {
  const moved: BatchChange[] = [];
  for (const batch of view.batches) {
    const changes = change.batches.filter(({ number }) => number === batch.number);
    const after = changes.reduce((before, each) => apply(before, each, now), batch);
    const runs = clock.after && isWorking(after, change.state);
    const ran = clock.before && isWorking(batch, view.state);
    if (changes.length === 0 && runs === ran) continue;
    await queries
      .updateTable('batches')
      .set({
        state: after.state,
        started_at: after.startedAt ?? null,
        passed_at: after.passedAt ?? null,
        bake_until: after.bakeUntil ?? null,
        delay_waived: Number(after.delayWaived),
        delay: after.delay,
        max_failures: after.maxFailures ?? null,
        max_unreachable: after.maxUnreachable ?? null,
        worked: after.workedFor,
        worked_since: runs ? now : null,
        waived: JSON.stringify(after.waived),
        ...(after.state !== batch.state && {
          reason: after.state === 'tripped' ? toJson(reason) : null,
        }),
      })
      .where('rollout', '=', view.id)
      .where('number', '=', batch.number)
      .execute();
    if (after.state !== batch.state) moved.push({ number: batch.number, state: after.state });
  }
  return moved;
}

/** The clock of `timeouts.batch` runs. */
function isWorking({ startedAt, passedAt }: BatchView, state: RolloutView['state']): boolean {
  return state === 'running' && startedAt !== undefined && passedAt === undefined;
}

function apply(batch: BatchView, change: BatchChange, now: number): BatchView {
  const after = { ...batch, ...change.numbers, state: change.state ?? batch.state };
  if (change.started) after.startedAt ??= now;
  if (change.gate === 'open') after.passedAt = now;
  if (change.gate === 'shut')
    Object.assign(after, { passedAt: undefined, bakeUntil: undefined, waived: [], workedFor: 0 });
  if (change.bakeUntil !== undefined) after.bakeUntil = change.bakeUntil;
  if (change.waiveDelay) after.delayWaived = true;
  if (change.waive) after.waived = [...new Set([...after.waived, ...change.waive])];
  return after;
}
