import type { BatchView, RolloutView, Strategy } from '../view/view.ts';

/** Hosts that one budget counts. */
export interface Tally {
  /** Not acknowledged: what is judged against the tolerance. */
  open: number;
  /** Of `open`: counted in a trip before. */
  covered: number;
  acknowledged: number;
  /** Of `open` and `acknowledged`: hosts that count as failed because nobody set `maxUnreachable`. */
  unreachable: number;
}

/** One number of the plan that holds, and what counts against it. */
export interface Budget {
  code: 'failure_budget' | 'unreachable_budget';
  scope: 'batch' | 'rollout';
  /** The batch that it is judged for; in scope `rollout` the one at work. */
  batch: number;
  tally: Tally;
  tolerance: number;
  /** Hosts planned in the scope. */
  denominator: number;
}

type Scope = Pick<RolloutView, 'strategy' | 'batches'>;

/**
 * `unreachable` counts as failed in both scopes where neither the batch nor the rollout sets `maxUnreachable`;
 * where one sets it, it counts against that one's `maxUnreachable` and nowhere else.
 */
export function countsAsFailed(batch: Tolerances, strategy: Strategy): boolean {
  return batch.maxUnreachable === undefined && strategy.maxUnreachable === undefined;
}

/** Gates that can trip: the batches that were started and have not passed. */
export function isOpen(batch: BatchView): boolean {
  return batch.startedAt !== undefined && batch.passedAt === undefined;
}

/** Every budget that holds at this moment, batches first, failures before unreachable hosts. */
export function budgets(view: Scope): Budget[] {
  const open = view.batches.filter(isOpen);
  return [
    ...open.flatMap((batch) => batchFailureBudget(batch, view.strategy)),
    ...rolloutFailureBudget(view, open),
    ...open.flatMap((batch) => batchUnreachableBudget(batch)),
    ...rolloutUnreachableBudget(view, open),
  ];
}

/**
 * The failure of a batch, acknowledged ones counted, at which it trips: by its own tolerance or by what the rollout's
 * leaves it, whichever comes first. 0 where the rollout's is exceeded elsewhere.
 */
export function tripsAt(view: Scope, batch: BatchView): number {
  const { acknowledged, open } = batchFailures(batch, view.strategy);
  const own = ownTolerance(batch, view.strategy) ?? Infinity;
  const elsewhere = rolloutFailures(view).open - open;
  const whole = (view.strategy.maxFailures ?? Infinity) - elsewhere;
  return Math.max(0, Math.min(own, whole) + 1 + acknowledged);
}

type Tolerances = Pick<BatchView, 'maxFailures' | 'maxUnreachable'>;

/** Where neither the batch nor the rollout sets `maxFailures`, the batch tolerates 0. */
export function ownTolerance(batch: Tolerances, strategy: Strategy): number | undefined {
  return batch.maxFailures ?? (strategy.maxFailures === undefined ? 0 : undefined);
}

/** What counts as failed in the batch's own budget: hosts that stand so now. */
export function batchFailures(batch: BatchView, strategy: Strategy): Tally {
  const { counts } = batch;
  const failed = {
    open: counts.failures,
    covered: counts.coveredFailures,
    acknowledged: counts.acknowledgedFailures,
    unreachable: 0,
  };
  return countsAsFailed(batch, strategy) ? sum(failed, unreachableAsFailed(batch)) : failed;
}

/** What counts as failed in the rollout's budget: also hosts that were rolled back since. */
export function rolloutFailures({ batches, strategy }: Scope): Tally {
  return batches.reduce((total, batch) => {
    const { counts } = batch;
    const failed = {
      open: counts.stickyFailures,
      covered: counts.coveredSticky,
      acknowledged: counts.stickyAcknowledged,
      unreachable: 0,
    };
    const own = countsAsFailed(batch, strategy) ? sum(failed, unreachableAsFailed(batch)) : failed;
    return sum(total, own);
  }, NOTHING);
}

const NOTHING: Tally = { open: 0, covered: 0, acknowledged: 0, unreachable: 0 };

function sum(left: Tally, right: Tally): Tally {
  return {
    open: left.open + right.open,
    covered: left.covered + right.covered,
    acknowledged: left.acknowledged + right.acknowledged,
    unreachable: left.unreachable + right.unreachable,
  };
}

function unreachables({ counts }: BatchView): Tally {
  return {
    open: counts.unreachables,
    covered: counts.coveredUnreachables,
    acknowledged: counts.acknowledgedUnreachables,
    unreachable: 0,
  };
}

function unreachableAsFailed(batch: BatchView): Tally {
  const tally = unreachables(batch);
  return { ...tally, unreachable: tally.open + tally.acknowledged };
}

function batchFailureBudget(batch: BatchView, strategy: Strategy): Budget[] {
  const tolerance = ownTolerance(batch, strategy);
  if (tolerance === undefined) return [];
  const tally = batchFailures(batch, strategy);
  return [
    {
      code: 'failure_budget',
      scope: 'batch',
      batch: batch.number,
      tally,
      tolerance,
      denominator: batch.size,
    },
  ];
}

function rolloutFailureBudget(view: Scope, open: BatchView[]): Budget[] {
  const tolerance = view.strategy.maxFailures;
  if (tolerance === undefined) return [];
  return wholeBudget('failure_budget', view, open, tolerance, rolloutFailures(view));
}

function batchUnreachableBudget(batch: BatchView): Budget[] {
  if (batch.maxUnreachable === undefined) return [];
  return [
    {
      code: 'unreachable_budget',
      scope: 'batch',
      batch: batch.number,
      tally: unreachables(batch),
      tolerance: batch.maxUnreachable,
      denominator: batch.size,
    },
  ];
}

function rolloutUnreachableBudget(view: Scope, open: BatchView[]): Budget[] {
  const tolerance = view.strategy.maxUnreachable;
  if (tolerance === undefined) return [];
  const tally = view.batches.reduce((total, batch) => sum(total, unreachables(batch)), NOTHING);
  return wholeBudget('unreachable_budget', view, open, tolerance, tally);
}

/** The rollout's budget holds while a batch is at work. */
function wholeBudget(
  code: Budget['code'],
  view: Scope,
  open: BatchView[],
  tolerance: number,
  tally: Tally,
): Budget[] {
  const [atWork] = open;
  if (!atWork) return [];
  const { planned } = view.strategy;
  return [{ code, scope: 'rollout', batch: atWork.number, tally, tolerance, denominator: planned }];
}
