import { GofleetError } from '#errors';
import { quantityOf, type Milliseconds, type Quantity } from '#units';
import { domainShares } from '../rules/domains.ts';
import { refuseDuplicates, type PlannedHost } from './duplicates.ts';
import { orderHosts } from './order.ts';
import type { RolloutPlan } from './plan.ts';
import { cutBatches, type Cut } from './plan-batches.ts';
import { planWarnings } from './plan-warnings.ts';
import type { HostNumber, Strategy } from '../view/view.ts';
import { refuseWindows } from './windows-fit.ts';

/** What of a plan the cut into batches depends on. */
export type BatchPlan = Pick<
  RolloutPlan,
  | 'strategy'
  | 'budgets'
  | 'timeouts'
  | 'windows'
  | 'timezone'
  | 'approval'
  | 'startAt'
  | 'startWithin'
>;

/** A batch with its numbers resolved; its hosts are `first` to `first + size - 1`. */
export interface PlannedBatch {
  /** From 1. */
  number: number;
  /** The entry of the plan that it follows, from 0. */
  entry: number;
  first: HostNumber;
  size: number;
  delay: Milliseconds;
  bake: Milliseconds;
  approval: boolean;
  /** Tolerances in hosts; undefined where not set. */
  maxFailures: number | undefined;
  maxUnreachable: number | undefined;
  /** The failure that trips it when nothing failed elsewhere. */
  tripsAt: number;
}

export interface PlannedRollout {
  strategy: Strategy;
  batches: PlannedBatch[];
  /** Hosts are numbered as they are dispatched: number `n` is the host at place `order[n]` of the list. */
  order: number[];
  /** What a person should know before it starts, as sentences. */
  warnings: string[];
}

export interface PlanOptions {
  /** What `shuffled` depends on; equal seeds give equal orders. */
  seed?: string;
  /** The hosts of a pattern, of batches with `hosts`. */
  matching?: (pattern: string) => ReadonlySet<string>;
}

/**
 * Puts hosts in their order and cuts them into batches. Throws `no_hosts`, `duplicate_host`, `invalid_file` (batches
 * that do not come out, windows that no host fits).
 */
export function planRollout(
  plan: BatchPlan,
  hosts: readonly PlannedHost[],
  { seed = '', matching = () => new Set() }: PlanOptions = {},
): PlannedRollout {
  if (hosts.length === 0) throw noHosts();
  refuseDuplicates(hosts);
  refuseWindows(plan, hosts);
  const shares = domainShares(plan.strategy.maxPerDomain, hosts);
  const order = orderHosts(plan.strategy.order, hosts, seed);
  const cuts = cutBatches({ entries: plan.strategy.batches, hosts, order, shares, matching });
  const strategy = resolveStrategy(plan, hosts.length, Object.fromEntries(shares));
  const batches = resolveBatches(plan, cuts, strategy);
  return {
    strategy,
    batches,
    order: cuts.flatMap(({ places }) => places),
    warnings: planWarnings({ plan, strategy, batches, cuts, hosts }),
  };
}

function noHosts(): GofleetError {
  return new GofleetError('no_hosts', 'no host of the inventory matches the targets', {
    remedy: 'Look at `gofleet inventory list` and correct `targets` or `--limit`.',
    errors: [{ path: 'targets', message: 'matches no host' }],
  });
}

function resolveStrategy(
  plan: BatchPlan,
  planned: number,
  domains: Record<string, number>,
): Strategy {
  const { strategy, budgets, timeouts } = plan;
  return {
    concurrency: strategy.concurrency,
    strict: strategy.strict,
    inflight: strategy.inflight,
    onTrip: strategy.onTrip,
    maxFailures: tolerance(budgets.maxFailures, planned),
    maxUnreachable: tolerance(budgets.maxUnreachable, planned),
    maxSameSignature: budgets.maxSameSignature,
    domains,
    windows: plan.windows,
    approval: plan.approval,
    startAt: plan.startAt,
    startWithin: plan.startWithin,
    planned,
    batchTimeout: timeouts.batch,
    hostTimeout: timeouts.host,
  };
}

/** Shares of a batch are of its own hosts, also of one that was left smaller. */
function resolveBatches(plan: BatchPlan, cuts: Cut[], strategy: Strategy): PlannedBatch[] {
  let first = 0;
  return cuts.map(({ entry: at, places }, index) => {
    const entry = plan.strategy.batches[at];
    if (!entry) throw new RangeError('a batch follows an entry of its plan');
    const size = places.length;
    const maxFailures = tolerance(entry.maxFailures, size);
    const batch: PlannedBatch = {
      number: index + 1,
      entry: at,
      first,
      size,
      delay: entry.delay,
      bake: entry.bake ?? plan.strategy.bake,
      approval: entry.approval,
      maxFailures,
      maxUnreachable: tolerance(entry.maxUnreachable, size),
      tripsAt: firstTrip(maxFailures, strategy.maxFailures),
    };
    first += size;
    return batch;
  });
}

function tolerance(quantity: Quantity | undefined, total: number): number | undefined {
  return quantity && quantityOf(quantity, total);
}

function firstTrip(own: number | undefined, whole: number | undefined): number {
  return own === undefined && whole === undefined
    ? 1
    : Math.min(own ?? Infinity, whole ?? Infinity) + 1;
}
