import {
  findRow,
  prepared,
  type BatchRow,
  type Queries,
  type RolloutRow,
  type Slot,
} from '#ledger';
import type {
  AbortIntent,
  ApprovalView,
  BatchCounts,
  BatchView,
  Reason,
  RollbackIntent,
  RolloutState,
  RolloutView,
  StandingTrip,
} from '#rollout';
import type { Engine } from '../engine.ts';
import type { Frozen } from '../frozen.ts';
import { fromJson } from '../json.ts';
import { noRollout } from '../not-found.ts';
import { loadFreeze } from './freeze.ts';
import { addNext } from './next.ts';
import { loadSignatures } from './signatures.ts';
import { strategyOf } from './strategy.ts';

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
  const row = await findRow(queries, 'rollouts', { id: rollout });
  if (!row) throw noRollout(rollout);
  const frozen = await engine.frozen.of(queries, rollout);
  const batches = await loadBatches(queries, rollout);
  const view = toView(row, batches, frozen, engine.clock.now());
  const isJudged = view.strategy.maxSameSignature !== undefined;
  return {
    ...view,
    freeze: frozen.reading ? undefined : await loadFreeze(queries),
    signatures: isJudged ? await loadSignatures(queries, rollout) : [],
  };
}

/** At most 1,000. */
export async function loadBatches(queries: Queries, rollout: string): Promise<BatchRow[]> {
  return batchesOf(queries, { rollout });
}

const batchesOf = prepared((queries, slot: Slot<{ rollout: string }>) =>
  queries
    .selectFrom('batches')
    .selectAll()
    .where('rollout', '=', slot('rollout'))
    .orderBy('number')
    .limit(1000),
);

/** Puts rows together: nothing is at work, nothing is next and nothing of other rollouts is known yet. */
export function toView(
  row: RolloutRow,
  batches: BatchRow[],
  frozen: Frozen,
  now: number,
): RolloutView {
  return {
    id: row.id,
    rev: row.rev,
    state: row.state as RolloutState,
    reason: fromJson<Reason>(row.reason),
    strategy: strategyOf(row, frozen),
    batches: batches.map((batch) => toBatchView(batch, now)),
    startedAt: row.started_at ?? undefined,
    owned: row.owned === 1,
    conflict: undefined,
    bundle: undefined,
    freeze: undefined,
    atWork: 0,
    working: { forward: 0, back: 0, probe: 0, bake: 0 },
    running: 0,
    domainsAtWork: {},
    doubtful: 0,
    next: { forward: [], retries: 0, back: [], probe: [], bake: [] },
    window: undefined,
    windowWaivedUntil: row.window_waived_until ?? undefined,
    approval: fromJson<ApprovalView>(row.approval),
    signatures: [],
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
    bake: row.bake,
    approval: row.approval === 1,
    bakeUntil: row.bake_until ?? undefined,
    delayWaived: row.delay_waived === 1,
    workedFor: row.worked + (row.worked_since === null ? 0 : Math.max(0, now - row.worked_since)),
    waived: JSON.parse(row.waived) as BatchView['waived'],
    counts: JSON.parse(row.counts) as BatchCounts,
  };
}
