import { totalCounts } from './counts.ts';
import type { BatchCounts, BatchView, Instant, RolloutView } from './view.ts';

/** Counts as every answer shows them: the states add up to `planned`, the last three are beside them. */
export function answerCounts(counts: BatchCounts, excluded = 0): Record<string, number> {
  const { rolling_back, rolled_back, rollback_failed, excluded: _, ...states } = counts.states;
  const all = { ...states, rollingBack: rolling_back, rolledBack: rolled_back };
  const planned = Object.values(all).reduce((sum, hosts) => sum + hosts, rollback_failed);
  return {
    planned,
    ...all,
    rollbackFailed: rollback_failed,
    unchanged: counts.unchanged,
    excluded,
    acknowledged: counts.stickyAcknowledged + counts.acknowledgedUnreachables,
  };
}

/** Hosts that have ended, of those planned, in percent: one decimal, rounded down. */
export function percentComplete({ batches }: Pick<RolloutView, 'batches'>): number {
  const planned = batches.reduce((sum, batch) => sum + batch.size, 0);
  return planned === 0 ? 0 : Math.floor((ended(batches) * 1000) / planned) / 10;
}

function ended(batches: readonly BatchView[]): number {
  return batches.reduce((sum, { size, counts: { states } }) => {
    return sum + size - states.pending - states.queued - states.running - states.rolling_back;
  }, 0);
}

/** When it will probably have ended, at the pace so far and with the delays to come; undefined unless running. */
export function estimateEnd(view: RolloutView, now: Instant): Instant | undefined {
  const done = ended(view.batches);
  const worked = view.batches.reduce((sum, batch) => sum + batch.workedFor, 0);
  if (view.state !== 'running' || done === 0 || worked === 0) return undefined;
  const rest = ((view.strategy.planned - done) * worked) / done;
  const delays = view.batches.slice(0, -1).filter((batch) => batch.passedAt === undefined);
  return Math.round(now + rest + delays.reduce((sum, batch) => sum + batch.delay, 0));
}

/** The counts of the whole rollout as an answer shows them. */
export function answerTotals(
  view: Pick<RolloutView, 'batches'>,
  excluded = 0,
): Record<string, number> {
  return answerCounts(totalCounts(view.batches), excluded);
}
