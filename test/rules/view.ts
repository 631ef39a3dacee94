import {
  emptyCounts,
  type BatchCounts,
  type BatchView,
  type NextHost,
  type RolloutView,
  type Strategy,
} from '#rollout';

/** Counters of a batch: hosts by state, and what else is said of them. */
export type Counts = Partial<Omit<BatchCounts, 'states'>> & Partial<BatchCounts['states']>;
/** What of a batch a case is about. */
export type Batch = Partial<Omit<BatchView, 'counts'>> & { hosts?: Counts };

/** When the cases happen. */
export const NOW = 1_000_000;
/** Nothing can be dispatched. */
export const NEXT: RolloutView['next'] = { forward: [], retries: 0, back: [], probe: [], bake: [] };

/** Hosts that could be dispatched forward, with nothing special about them. */
export function waiting(...numbers: number[]): NextHost[] {
  return numbers.map((number) => ({ number, domain: undefined, doubtful: false }));
}

const STATES = Object.keys(emptyCounts().states);

/** Hosts by state; what they imply for the budgets is filled in, unless it is said otherwise. */
function counts(hosts: Counts): BatchCounts {
  const failures = hosts.failures ?? (hosts.failed ?? 0) + (hosts.lost ?? 0);
  const implied = { failures, stickyFailures: failures, unreachables: hosts.unreachable ?? 0 };
  const { states, ...tallies } = emptyCounts();
  const [given, other] = [true, false].map((state) =>
    Object.fromEntries(Object.entries(hosts).filter(([key]) => STATES.includes(key) === state)),
  );
  const succeeded = hosts.succeeded ?? 0;
  return { ...tallies, ...implied, ...other, succeeded, states: { ...states, ...given } };
}

function batch(number: number, { hosts = {}, ...rest }: Batch): BatchView {
  const size = Object.entries(hosts).reduce((sum, [k, n]) => sum + (STATES.includes(k) ? n : 0), 0);
  return {
    number,
    state: 'running',
    size,
    delay: 0,
    maxFailures: undefined,
    maxUnreachable: undefined,
    startedAt: NOW,
    passedAt: undefined,
    bake: 0,
    approval: false,
    bakeUntil: undefined,
    delayWaived: false,
    workedFor: 0,
    waived: [],
    counts: counts(hosts),
    ...rest,
  };
}

type More = Partial<Omit<RolloutView, 'strategy'>> & { strategy?: Partial<Strategy> };

/** A running rollout of these batches, and what else of it a case is about. */
export function view(batches: Batch[], more: More = {}): RolloutView {
  const made = batches.map((each, index) => batch(index + 1, each));
  return {
    id: 'r',
    rev: 1,
    state: 'running',
    reason: undefined,
    batches: made,
    atWork: 0,
    running: 0,
    working: { forward: 0, back: 0, probe: 0, bake: 0 },
    startedAt: NOW,
    owned: true,
    conflict: undefined,
    bundle: undefined,
    freeze: undefined,
    domainsAtWork: {},
    doubtful: 0,
    window: undefined,
    windowWaivedUntil: undefined,
    approval: undefined,
    signatures: [],
    next: NEXT,
    held: [],
    nextDue: undefined,
    trips: [],
    lastTripped: undefined,
    rollback: undefined,
    abort: undefined,
    ...more,
    strategy: {
      concurrency: 10,
      strict: false,
      inflight: 'drain',
      onTrip: 'pause',
      maxFailures: undefined,
      maxUnreachable: undefined,
      maxSameSignature: undefined,
      domains: {},
      windows: [],
      approval: { required: false, approvers: 1, expires: 86_400_000 },
      startAt: undefined,
      startWithin: 900_000,
      planned: made.reduce((sum, { size }) => sum + size, 0),
      batchTimeout: 3_600_000,
      hostTimeout: 60_000,
      ...more.strategy,
    },
  };
}

/** Numbers of the whole rollout. */
export function whole(strategy: Partial<Strategy>): More {
  return { strategy };
}
