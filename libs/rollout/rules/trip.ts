import { formatDuration } from '#units';
import { isBrokenAnew } from './broken-anew.ts';
import { budgets, isOpen, type Budget } from './budgets.ts';
import type { Decision, Evidence } from '../view/decision.ts';
import { signaturesLeft, signatureTrip } from './signature-trip.ts';
import type { ReasonCode } from '../view/states.ts';
import type { BatchView, Instant, RolloutView } from '../view/view.ts';

export type Trip = Extract<Decision, { kind: 'trip' }>;

/**
 * The first rule of the table below that is broken anew, while `running`, `paused` or asking for approval. Asked in the transaction that
 * records an outcome, at the end of a batch, and by `decide`. A trip that stands is not found again: the failures it
 * counted are covered, and only those beyond them can trip once more.
 */
export function findTrip(view: RolloutView): Trip | undefined {
  if (!JUDGED.includes(view.state)) return undefined;
  for (const { find } of RULES) {
    const trip = find(view);
    if (trip) return trip;
  }
  return undefined;
}

const JUDGED: RolloutView['state'][] = ['running', 'pending_approval', 'paused'];

/** First match wins; the order is the policy. */
const RULES: { name: ReasonCode; find: (view: RolloutView) => Trip | undefined }[] = [
  // more hosts failed than the batch or the rollout tolerates
  { name: 'failure_budget', find: (view) => exceeded(view, 'failure_budget') },
  // more hosts could not be reached than the batch or the rollout tolerates
  { name: 'unreachable_budget', find: (view) => exceeded(view, 'unreachable_budget') },
  // more hosts failed in the same way than the rollout tolerates
  { name: 'signature_concentration', find: signatureTrip },
  // all hosts of a batch have ended and none succeeded
  { name: 'batch_failed', find: (view) => open(view, isFailed).map(batchFailed)[0] },
  // a batch is at work for longer than timeouts.batch
  {
    name: 'deadline',
    find: (view) => open(view, isLate).map((batch) => late(view, batch))[0],
  },
];

/** Some budget is over its tolerance, forgiven failures counted: nothing but retried hosts may start. */
export function isOverBudget(view: RolloutView): boolean {
  return (
    budgets(view).some(({ tally, tolerance }) => tally.open > tolerance) ||
    signaturesLeft(view) <= 0
  );
}

function exceeded(view: RolloutView, code: Budget['code']): Trip | undefined {
  const found = budgets(view).find(
    ({ tally, tolerance, ...budget }) =>
      budget.code === code && isBrokenAnew(view, tally, tolerance),
  );
  return found && overBudget(found);
}

function overBudget(budget: Budget): Trip {
  const evidence = evidenceOf(budget);
  const reason = { code: budget.code, message: budgetMessage(budget) };
  return { kind: 'trip', batch: budget.batch, reason, evidence };
}

/** The numbers of a budget as they are stored with a decision. */
export function evidenceOf(budget: Budget): Evidence {
  return {
    rule: budget.code,
    scope: budget.scope,
    batch: budget.scope === 'batch' ? budget.batch : undefined,
    numerator: budget.tally.open,
    denominator: budget.denominator,
    limit: budget.tolerance,
    acknowledged: budget.tally.acknowledged,
  };
}

/** `batch 2: 9 failed of 100, 8 tolerated`; with acknowledged ones `12 failed of 50, 6 of them acknowledged, 5 tolerated`. */
export function budgetMessage({
  code,
  scope,
  batch,
  tally,
  tolerance,
  denominator,
}: Budget): string {
  const where = scope === 'batch' ? `batch ${batch}` : 'rollout';
  const what = code === 'failure_budget' ? 'failed' : 'unreachable';
  const total = tally.open + tally.acknowledged;
  const parts = [
    `${total} ${what} of ${denominator}`,
    ...(tally.unreachable > 0 ? [`${tally.unreachable} of them unreachable`] : []),
    ...(tally.acknowledged > 0 ? [`${tally.acknowledged} of them acknowledged`] : []),
    `${tolerance} tolerated`,
  ];
  return `${where}: ${parts.join(', ')}`;
}

/** Open batches that meet a condition and in which no trip stands. */
function open(
  view: RolloutView,
  meets: (batch: BatchView, view: RolloutView) => boolean,
): BatchView[] {
  return view.batches.filter(
    (batch) =>
      isOpen(batch) &&
      meets(batch, view) &&
      !view.trips.some((trip) => trip.batch === batch.number),
  );
}

/** No host of the batch is waiting or at work forward. Lost and rolled back ones have ended. */
export function hasEnded({ counts: { states } }: BatchView): boolean {
  return (
    states.pending + states.queued + states.running + states.cancelled + states.rolling_back === 0
  );
}

/** Skipped hosts aside, all hosts have ended and none succeeded, also none that was rolled back since. */
export function isFailed(batch: BatchView): boolean {
  const judged = batch.size - batch.counts.states.skipped;
  return (
    hasEnded(batch) &&
    judged > 0 &&
    batch.counts.succeeded === 0 &&
    !batch.waived.includes('batch_failed')
  );
}

function batchFailed(batch: BatchView): Trip {
  const { counts, number, size } = batch;
  const judged = size - counts.states.skipped;
  return {
    kind: 'trip',
    batch: number,
    reason: {
      code: 'batch_failed',
      message: `batch ${number}: no host succeeded of ${judged}`,
    },
    evidence: {
      rule: 'batch_failed',
      scope: 'batch',
      batch: number,
      numerator: judged,
      denominator: judged,
      limit: judged - 1,
      acknowledged: 0,
    },
  };
}

/** Deadlines stand still while paused. */
function isLate(batch: BatchView, { state, strategy }: RolloutView): boolean {
  return (
    state === 'running' &&
    !hasEnded(batch) &&
    batch.workedFor >= strategy.batchTimeout &&
    !batch.waived.includes('deadline')
  );
}

/** When the first open batch will have been at work for too long, if nothing makes its time stand still. */
export function nextDeadline(view: RolloutView, now: Instant): Instant | undefined {
  const left = view.batches
    .filter((batch) => isOpen(batch) && !hasEnded(batch) && !batch.waived.includes('deadline'))
    .map((batch) => view.strategy.batchTimeout - batch.workedFor);
  return left.length > 0 ? now + Math.min(...left) : undefined;
}

/** The numbers are milliseconds. */
function late({ strategy }: RolloutView, { number, workedFor }: BatchView): Trip {
  const limit = strategy.batchTimeout;
  const message = `batch ${number}: at work for ${formatDuration(workedFor)}, ${formatDuration(limit)} allowed`;
  return {
    kind: 'trip',
    batch: number,
    reason: { code: 'deadline', message },
    evidence: {
      rule: 'deadline',
      scope: 'batch',
      batch: number,
      numerator: workedFor,
      denominator: workedFor,
      limit,
      acknowledged: 0,
    },
  };
}
