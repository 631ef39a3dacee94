import {
  addCounts,
  applyOutcome,
  changeHost,
  changeOf,
  countsDelta,
  decide,
  emptyCounts,
  expireLease,
  findTrip,
  isSelected,
  planVerb,
  recount,
  type BatchView,
  type Change,
  type ClaimOutcome,
  type Decision,
  type HostRow,
  type Instant,
  type PlannedRollout,
  type RolloutView,
  type Trip,
  type Verb,
} from '#rollout';

/** What happened, each with the view that it was decided on. */
export type Seen =
  | { kind: 'decision'; decision: Decision; before: RolloutView }
  | { kind: 'verb'; verb: Verb; before: RolloutView };

/** A rollout in memory, kept as a ledger keeps it: reports move the counters, verbs and decisions count anew. */
export interface Model {
  readonly hosts: HostRow[];
  readonly seen: Seen[];
  readonly view: RolloutView;
  readonly now: Instant;
  pass(time: number): void;
  /** A worker takes the invitation to a `queued` host. */
  claim(row: HostRow): void;
  /** One transaction: the outcome, the counters and the trip. */
  report(row: HostRow, outcome: ClaimOutcome): void;
  expire(row: HostRow): void;
  isStopping(row: HostRow): boolean;
  /** Decides until it is to wait; answers how often it was asked. */
  conduct(): number;
  /** Throws what `planVerb` throws. */
  act(verb: Verb, numbers?: number[]): void;
}

const PROBE_EVERY = 60_000;
const MOST_ROUNDS = 50;

type Meta = Omit<RolloutView, 'batches' | 'next' | 'atWork' | 'running' | 'held' | 'nextDue'>;

export function createModel(plan: PlannedRollout): Model {
  const hosts = plan.batches.flatMap((batch) =>
    Array.from({ length: batch.size }, (_, index) => planned(batch.first + index, batch.number)),
  );
  const seen: Seen[] = [];
  const stopping = new Set<number>();
  /** When a host that waits is due, and since when it waits. */
  const due = new Map<number, { at: Instant; since: Instant }>();
  let now: Instant = 1_000_000;
  let decisions = 0;
  let batches = plan.batches.map(notStarted);
  let meta: Meta = {
    id: 'r',
    rev: 1,
    state: 'running',
    reason: undefined,
    strategy: plan.strategy,
    trips: [],
    lastTripped: undefined,
    rollback: undefined,
    abort: undefined,
  };
  recountAll();

  function view(): RolloutView {
    const most = meta.strategy.concurrency;
    const numbers = (rows: HostRow[]) => rows.slice(0, most).map((row) => row.number);
    const current = batches.find((batch) => batch.passedAt === undefined)?.number;
    const pending = hosts.filter(({ state, batch }) => state === 'pending' && batch === current);
    const [retried, others] = [
      pending.filter((row) => row.retried),
      pending.filter((row) => !row.retried),
    ];
    const atWork = hosts.filter((row) => row.task !== undefined);
    const later = [...due.values()].map(({ at }) => at).filter((at) => at > now);
    return {
      ...meta,
      batches,
      atWork: atWork.length,
      running: atWork.filter((row) => row.state !== 'queued').length,
      next: {
        forward: numbers([...retried, ...others]),
        retries: Math.min(retried.length, most),
        back: numbers(hosts.filter((row) => row.state === 'rolling_back' && isDue(row))),
        probe: numbers(hosts.filter((row) => row.state === 'lost' && isDue(row))),
      },
      held: [],
      nextDue: later.length > 0 ? Math.min(...later) : undefined,
    };
  }

  function isDue(row: HostRow): boolean {
    const waits = due.get(row.number);
    return row.task === undefined && waits !== undefined && waits.at <= now;
  }

  /** Deadlines stand still unless the rollout is running. */
  function pass(time: number): void {
    now += time;
    if (meta.state !== 'running') return;
    batches = batches.map((batch) =>
      batch.startedAt !== undefined && batch.passedAt === undefined
        ? { ...batch, workedFor: batch.workedFor + time }
        : batch,
    );
  }

  function report(row: HostRow, outcome: ClaimOutcome): void {
    put(applyOutcome(row, outcome, { rollout: meta, expired: isExpired(row) }));
    judge();
  }

  function expire(row: HostRow): void {
    put(expireLease(row, { rollout: meta, expired: isExpired(row) }));
    judge();
  }

  function isExpired(row: HostRow): boolean {
    return now - (due.get(row.number)?.since ?? now) >= meta.strategy.hostTimeout;
  }

  function judge(): void {
    const before = view();
    const trip = findTrip(before);
    if (trip) decided(before, trip);
  }

  function conduct(): number {
    for (let round = 1; ; round += 1) {
      const before = view();
      const decision = decide(before, now);
      decided(before, decision);
      if (decision.kind === 'wait' || round === MOST_ROUNDS) return round;
    }
  }

  function decided(before: RolloutView, decision: Decision): void {
    seen.push({ kind: 'decision', decision, before });
    if (decision.kind === 'wait') return;
    if (decision.kind === 'dispatch') dispatch(decision);
    else apply(changeOf(before, decision));
    if (decision.kind === 'trip') addTrip(decision);
  }

  function dispatch({ direction, hosts: numbers }: Extract<Decision, { kind: 'dispatch' }>): void {
    for (const number of numbers) {
      const row = rowOf(number);
      put({ ...row, task: direction, state: direction === 'forward' ? 'queued' : row.state });
    }
  }

  function act(verb: Verb, numbers: number[] = []): void {
    const before = view();
    const named = numbers.map((number) => ({ ...rowOf(number), name: `h${number}` }));
    const change = planVerb(before, verb, named);
    seen.push({ kind: 'verb', verb, before });
    apply(change);
    judge();
  }

  function apply(change: Change): void {
    decisions += 1;
    for (const { select, set } of change.hosts)
      for (const row of hosts.filter((each) => isSelected(each, select))) {
        if (set === 'stop') stopping.add(row.number);
        put(changeHost(row, set, decisions));
      }
    recountAll();
    batches = batches.map((batch) => changeBatch(batch, change, now));
    const { state, reason, rollback, abort, answered } = change;
    const trips = answered ? [] : meta.trips;
    meta = { ...meta, rev: meta.rev + 1, state, reason, rollback, abort, trips };
  }

  function addTrip({ batch, evidence, reason }: Trip): void {
    const trip = { decision: decisions, scope: evidence.scope, batch, reason };
    meta = { ...meta, lastTripped: batch, trips: [...meta.trips, trip] };
  }

  /** Counters move by the difference, never by counting anew. */
  function put(row: HostRow): void {
    const before = rowOf(row.number);
    const delta = countsDelta(before, row);
    hosts[row.number] = row;
    batches = batches.map((batch) =>
      batch.number === row.batch ? { ...batch, counts: addCounts(batch.counts, delta) } : batch,
    );
    if (row.task === undefined) stopping.delete(row.number);
    schedule(before, row);
  }

  /** Lost hosts are looked at, and hosts that could not be rolled back tried, every 60 s until `timeouts.host`. */
  function schedule(before: HostRow, row: HostRow): void {
    const waits = row.state === 'rolling_back' || row.state === 'lost';
    const since = due.get(row.number)?.since ?? now;
    if (!waits) due.delete(row.number);
    else if (before.state !== row.state)
      due.set(row.number, { at: row.state === 'lost' ? now + PROBE_EVERY : now, since: now });
    else if (before.task === undefined || row.task !== undefined) return;
    else if (row.state === 'lost' && now - since >= meta.strategy.hostTimeout)
      due.delete(row.number);
    else due.set(row.number, { at: now + PROBE_EVERY, since });
  }

  function rowOf(number: number): HostRow {
    const row = hosts[number];
    if (!row) throw new RangeError(`no host ${number}`);
    return row;
  }

  function recountAll(): void {
    batches = batches.map((batch) => ({
      ...batch,
      counts: recount(hosts.filter((row) => row.batch === batch.number)),
    }));
  }

  return {
    hosts,
    seen,
    get view() {
      return view();
    },
    get now() {
      return now;
    },
    pass,
    claim: (row) => put({ ...row, state: 'running' }),
    report,
    expire,
    isStopping: (row) => stopping.has(row.number),
    conduct,
    act,
  };
}

function changeBatch(batch: BatchView, { batches }: Change, now: Instant): BatchView {
  const change = batches.find(({ number }) => number === batch.number);
  if (!change) return batch;
  const shut = change.gate === 'shut';
  const passedAt = change.gate === 'open' ? now : batch.passedAt;
  return {
    ...batch,
    state: change.state ?? batch.state,
    startedAt: batch.startedAt ?? (change.started ? now : undefined),
    passedAt: shut ? undefined : passedAt,
    workedFor: shut ? 0 : batch.workedFor,
    waived: [...(shut ? [] : batch.waived), ...(change.waive ?? [])],
  };
}

function notStarted(batch: PlannedRollout['batches'][number]): BatchView {
  return {
    ...batch,
    state: 'pending',
    startedAt: undefined,
    passedAt: undefined,
    workedFor: 0,
    waived: [],
    counts: emptyCounts(),
  };
}

function planned(number: number, batch: number): HostRow {
  return {
    number,
    batch,
    state: 'pending',
    outcome: undefined,
    unchanged: false,
    changed: false,
    acknowledged: false,
    coveredBy: undefined,
    retried: false,
    task: undefined,
    rollBackAfter: false,
    expiries: 0,
  };
}
