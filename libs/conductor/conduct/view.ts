import type { BatchRow, Queries, RolloutRow } from '#ledger';
import type {
  AbortIntent,
  BatchCounts,
  BatchView,
  Reason,
  RollbackIntent,
  RolloutState,
  RolloutView,
  StandingTrip,
} from '#rollout';
import type { Engine } from '../engine.ts';
import { fromJson } from '../json.ts';
import { noRollout } from '../not-found.ts';
import { addNext } from './next.ts';

/** The rollout as the rules see it, with what could be dispatched next. Throws `not_found`. */
export async function loadView(
  engine: Engine,
  queries: Queries,
  rollout: string,
): Promise<RolloutView> {
  const still = await loadStill(engine, queries, rollout);
  return addNext(engine, queries, still);
}

/** The same without what could be dispatched next: for answers, verbs and trips. */
export async function loadStill(
  engine: Engine,
  queries: Queries,
  rollout: string,
): Promise<RolloutView> {
  const row = await queries
    .selectFrom('rollouts')
    .selectAll()
    .where('id', '=', rollout)
    .executeTakeFirst();
  if (!row) throw noRollout(rollout);
  const { strategy } = await engine.frozen.of(queries, rollout);
  const batches = await loadBatches(queries, rollout);
  return toView(row, batches, strategy, engine.clock.now());
}

/** At most 1,000. */
export async function loadBatches(queries: Queries, rollout: string): Promise<BatchRow[]> {
  return queries
    .selectFrom('batches')
    .selectAll()
    .where('rollout', '=', rollout)
    .orderBy('number')
    .limit(1000)
    .execute();
}

/** Puts rows together; nothing is at work and nothing is next yet. */
export function toView(
  row: RolloutRow,
  batches: BatchRow[],
  strategy: RolloutView['strategy'],
  now: number,
): RolloutView {
  return {
    id: row.id,
    rev: row.rev,
    state: row.state as RolloutState,
    reason: fromJson<Reason>(row.reason),
    strategy,
    batches: batches.map((batch) => toBatchView(batch, now)),
    atWork: 0,
    running: 0,
    next: { forward: [], retries: 0, back: [], probe: [] },
    held: [],
    nextDue: undefined,
    trips: JSON.parse(row.trips) as StandingTrip[],
    lastTripped: row.last_tripped ?? undefined,
    rollback: fromJson<RollbackIntent>(row.rollback),
    abort: fromJson<AbortIntent>(row.abort),
  };
}

function toBatchView(row: BatchRow, now: number): BatchView {
  return {
    number: row.number,
    state: row.state as BatchView['state'],
    size: row.size,
    delay: row.delay,
    maxFailures: row.max_failures ?? undefined,
    maxUnreachable: row.max_unreachable ?? undefined,
    startedAt: row.started_at ?? undefined,
    passedAt: row.passed_at ?? undefined,
    workedFor: row.worked + (row.worked_since === null ? 0 : Math.max(0, now - row.worked_since)),
    waived: JSON.parse(row.waived) as BatchView['waived'],
    counts: JSON.parse(row.counts) as BatchCounts,
  };
}
