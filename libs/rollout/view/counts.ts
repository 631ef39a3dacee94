import type { HostRow } from './host.ts';
import { HOST_STATES } from './states.ts';
import type { BatchCounts, BatchView, StateCounts } from './view.ts';

type Tally = Exclude<keyof BatchCounts, 'states'>;

/**
 * What one host adds to each number of its batch. This table is the definition: the ledger's SQL, the counters that
 * reports move and a recount of all hosts must agree with it.
 */
const TALLIES: Record<Tally, (row: HostRow) => boolean> = {
  unchanged: (row) => row.state === 'succeeded' && row.unchanged,
  failures: (row) => standsFailed(row) && !row.acknowledged,
  stickyFailures: (row) => endedFailed(row) && !row.acknowledged,
  acknowledgedFailures: (row) => standsFailed(row) && row.acknowledged,
  stickyAcknowledged: (row) => endedFailed(row) && row.acknowledged,
  unreachables: (row) => row.state === 'unreachable' && !row.acknowledged,
  acknowledgedUnreachables: (row) => row.state === 'unreachable' && row.acknowledged,
  coveredFailures: (row) => standsFailed(row) && isCovered(row),
  coveredSticky: (row) => endedFailed(row) && isCovered(row),
  coveredUnreachables: (row) => row.state === 'unreachable' && isCovered(row),
  succeeded: (row) => row.outcome === 'succeeded',
  changed: (row) => row.changed,
  retrying: (row) => row.retried,
  baked: (row) => row.state === 'succeeded' && row.baked,
};

const TALLY_KEYS = Object.keys(TALLIES) as Tally[];

function standsFailed(row: HostRow): boolean {
  return row.state === 'failed' || row.state === 'lost';
}

/** Rolling a host back does not clear what it ended with. */
function endedFailed(row: HostRow): boolean {
  return row.outcome === 'failed' || row.outcome === 'lost';
}

function isCovered(row: HostRow): boolean {
  return row.coveredBy !== undefined && !row.acknowledged;
}

export function emptyCounts(): BatchCounts {
  const states = Object.fromEntries(HOST_STATES.map((state) => [state, 0])) as StateCounts;
  const tallies = Object.fromEntries(TALLY_KEYS.map((key) => [key, 0])) as Record<Tally, number>;
  return { states, ...tallies };
}

/** Counts hosts of one scope from nothing. */
export function recount(rows: Iterable<HostRow>): BatchCounts {
  const counts = emptyCounts();
  for (const row of rows) add(counts, row, 1);
  return counts;
}

/** What counters gain (or lose) when a host goes from one row to the other. */
export function countsDelta(before: HostRow, after: HostRow): BatchCounts {
  const delta = emptyCounts();
  add(delta, before, -1);
  add(delta, after, 1);
  return delta;
}

/** A new sum; neither side is touched. */
export function addCounts(left: BatchCounts, right: BatchCounts): BatchCounts {
  const sum = emptyCounts();
  for (const state of HOST_STATES) sum.states[state] = left.states[state] + right.states[state];
  for (const key of TALLY_KEYS) sum[key] = left[key] + right[key];
  return sum;
}

/** The counts of the whole rollout. */
export function totalCounts(batches: readonly Pick<BatchView, 'counts'>[]): BatchCounts {
  return batches.reduce((sum, batch) => addCounts(sum, batch.counts), emptyCounts());
}

function add(counts: BatchCounts, row: HostRow, by: 1 | -1): void {
  counts.states[row.state] += by;
  for (const key of TALLY_KEYS) if (TALLIES[key](row)) counts[key] += by;
}
