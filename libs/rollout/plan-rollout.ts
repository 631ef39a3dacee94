import { GofleetError } from '#errors';
import { quantityOf, type Milliseconds, type Quantity } from '#units';
import { refuseDuplicates, type PlannedHost } from './duplicates.ts';
import { MOST_BATCHES, type RolloutPlan } from './plan.ts';
import type { HostNumber, Strategy } from './view.ts';

/** What of a plan the cut into batches depends on. */
export type BatchPlan = Pick<RolloutPlan, 'strategy' | 'budgets' | 'timeouts'>;

/** A batch with its numbers resolved; its hosts are `first` to `first + size - 1`. */
export interface PlannedBatch {
  /** From 1. */
  number: number;
  first: HostNumber;
  size: number;
  delay: Milliseconds;
  /** Tolerances in hosts; undefined where not set. */
  maxFailures: number | undefined;
  maxUnreachable: number | undefined;
  /** The failure that trips it when nothing failed elsewhere. */
  tripsAt: number;
}

export interface PlannedRollout {
  strategy: Strategy;
  batches: PlannedBatch[];
  /** What a person should know before it starts, as sentences. */
  warnings: string[];
}

/** Cuts hosts, in their order, into batches. Throws `no_hosts`, `duplicate_host`, `invalid_file` (too many batches). */
export function planRollout(plan: BatchPlan, hosts: readonly PlannedHost[]): PlannedRollout {
  if (hosts.length === 0) throw noHosts();
  refuseDuplicates(hosts);
  const strategy = resolveStrategy(plan, hosts.length);
  const batches = cut(plan, hosts.length, strategy);
  return { strategy, batches, warnings: roundedToZero(plan, batches, strategy) };
}

function noHosts(): GofleetError {
  return new GofleetError('no_hosts', 'no host of the inventory matches the targets', {
    remedy: 'Look at `gofleet inventory list` and correct `targets` or `--limit`.',
    errors: [{ path: 'targets', message: 'matches no host' }],
  });
}

function resolveStrategy({ strategy, budgets, timeouts }: BatchPlan, planned: number): Strategy {
  return {
    concurrency: strategy.concurrency,
    inflight: strategy.inflight,
    maxFailures: tolerance(budgets.maxFailures, planned),
    maxUnreachable: tolerance(budgets.maxUnreachable, planned),
    planned,
    batchTimeout: timeouts.batch,
    hostTimeout: timeouts.host,
  };
}

function tolerance(quantity: Quantity | undefined, total: number): number | undefined {
  return quantity && quantityOf(quantity, total);
}

/** The last entry repeats; the last batch is what is left, its shares are of its own hosts. */
function cut(plan: BatchPlan, planned: number, strategy: Strategy): PlannedBatch[] {
  const batches: PlannedBatch[] = [];
  for (let first = 0; first < planned;) {
    if (batches.length === MOST_BATCHES) throw tooManyBatches(planned);
    const entry = entryOf(plan, batches.length);
    const size = Math.min(Math.max(1, quantityOf(entry.size, planned)), planned - first);
    const maxFailures = tolerance(entry.maxFailures, size);
    batches.push({
      number: batches.length + 1,
      first,
      size,
      delay: entry.delay,
      maxFailures,
      maxUnreachable: tolerance(entry.maxUnreachable, size),
      tripsAt: firstTrip(maxFailures, strategy.maxFailures),
    });
    first += size;
  }
  return batches;
}

function entryOf(plan: BatchPlan, index: number): RolloutPlan['strategy']['batches'][number] {
  const entries = plan.strategy.batches;
  const entry = entries[Math.min(index, entries.length - 1)];
  if (!entry) throw new RangeError('a plan has at least one batch');
  return entry;
}

function firstTrip(own: number | undefined, whole: number | undefined): number {
  return own === undefined && whole === undefined
    ? 1
    : Math.min(own ?? Infinity, whole ?? Infinity) + 1;
}

function tooManyBatches(planned: number): GofleetError {
  const message = `${planned} hosts make more than ${MOST_BATCHES} batches`;
  return new GofleetError('invalid_file', message, {
    remedy: 'Make the last batch larger, since it repeats until no host is left.',
    errors: [{ path: 'strategy.batches', message }],
  });
}

function roundedToZero(plan: BatchPlan, batches: PlannedBatch[], strategy: Strategy): string[] {
  const whole = (['maxFailures', 'maxUnreachable'] as const)
    .filter((key) => isShare(plan.budgets[key]) && strategy[key] === 0)
    .map((key) => warning(`budgets.${key}`, plan.budgets[key], strategy.planned, 'the rollout'));
  const own = (['maxFailures', 'maxUnreachable'] as const).flatMap((key) =>
    batches
      .filter((batch) => batch[key] === 0 && isShare(entryOf(plan, batch.number - 1)[key]))
      .map((batch) => {
        const index = Math.min(batch.number, plan.strategy.batches.length) - 1;
        const place = `strategy.batches[${index}].${key}`;
        const quantity = entryOf(plan, batch.number - 1)[key];
        return warning(place, quantity, batch.size, `batch ${batch.number}`);
      }),
  );
  return [...whole, ...own];
}

function isShare(quantity: Quantity | undefined): quantity is { basisPoints: number } {
  return quantity !== undefined && 'basisPoints' in quantity && quantity.basisPoints > 0;
}

function warning(path: string, share: Quantity | undefined, hosts: number, scope: string): string {
  const percent = isShare(share) ? share.basisPoints / 100 : 0;
  return `${path}: ${percent}% of ${hosts} ${hosts === 1 ? 'host' : 'hosts'} rounds down to 0: ${scope} tolerates none`;
}
