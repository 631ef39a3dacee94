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
  isFinal,
  isSelected,
  isWorkTime,
  planVerb,
  recount,
  TASKS,
  type BatchView,
  type Change,
  type ClaimOutcome,
  type Decision,
  type HostRow,
  type Instant,
  type PlannedRollout,
  type RolloutView,
  type Task,
  type Trip,
  type Verb,
} from '#rollout';
import { tallySignatures } from './signatures.ts';
import { isShut, opensAfter } from './zones.ts';

/** What happened, each with the view that it was decided on. */
export type Seen =
  | { kind: 'decision'; decision: Decision; before: RolloutView }
  | { kind: 'verb'; verb: Verb; token: string; before: RolloutView; change: Change };

/** What of the world a rollout is put into. */
export interface World {
  /** Domain of each host, by number; absent: none. */
  domains?: (string | undefined)[];
  /** Hosts start only while their zone (number modulo 2) is open. */
  windows?: boolean;
  state?: 'pending_approval' | 'scheduled' | 'running';
  /** Another rollout holds a host of it. */
  conflict?: boolean;
}

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
  report(row: HostRow, outcome: ClaimOutcome, signature?: string): void;
  expire(row: HostRow): void;
  /** What a claim was for whose lease ran out, and which may still end late. */
  late(row: HostRow): Task | undefined;
  isStopping(row: HostRow): boolean;
  /** Everything is frozen, or no longer. */
  freeze(frozen: { rollbacks: boolean } | undefined): void;
  /** Hosts of it belong to another rollout, or no longer; seen only before it owns them. */
  block(conflict: RolloutView['conflict']): void;
  /** Whether a host may start now. */
  isOpen(row: HostRow): boolean;
  /** Decides until it is to wait; answers how often it was asked. */
  conduct(): number;
  /** Throws what `planVerb` throws. */
  act(verb: Verb, numbers?: number[], token?: string): void;
}

export const REQUESTER = 'requester';
export const DIGEST = 'sha256:plan';
const PROBE_EVERY = 60_000;
const MOST_ROUNDS = 50;

type Looked =
  | 'batches'
  | 'next'
  | 'atWork'
  | 'working'
  | 'running'
  | 'domainsAtWork'
  | 'doubtful'
  | 'window'
  | 'signatures'
  | 'held'
  | 'nextDue';

export function createModel(plan: PlannedRollout, world: World = {}): Model {
  const hosts = plan.batches.flatMap((batch) =>
    Array.from({ length: batch.size }, (_, index) => planned(batch.first + index, batch.number)),
  );
  const seen: Seen[] = [];
  const stopping = new Set<number>();
  const late = new Map<number, Task>();
  /** When a host that waits is due, and since when it waits. */
  const due = new Map<number, { at: Instant; since: Instant }>();
  let now: Instant = 1_000_000;
  let decisions = 0;
  let batches = plan.batches.map(notStarted);
  let meta: Omit<RolloutView, Looked> = {
    id: 'r',
    rev: 1,
    state: world.state ?? 'running',
    reason: undefined,
    strategy: plan.strategy,
    startedAt: undefined,
    owned: (world.state ?? 'running') === 'running',
    conflict: world.conflict ? { hosts: 1, rollout: 'other', ending: false } : undefined,
    bundle: undefined,
    freeze: undefined,
    windowWaivedUntil: undefined,
    approval: undefined,
    trips: [],
    lastTripped: undefined,
    rollback: undefined,
    abort: undefined,
  };
  recountAll();

  function view(): RolloutView {
    const atWork = hosts.filter((row) => row.task !== undefined);
    const forward = atWork.filter((row) => row.task === 'forward');
    const later = [...due.values()].map(({ at }) => at).filter((at) => at > now);
    return {
      ...meta,
      conflict: meta.owned ? undefined : meta.conflict,
      batches,
      atWork: atWork.length,
      working: countBy(TASKS, (task) => atWork.filter((row) => row.task === task).length),
      running: atWork.filter((row) => row.state !== 'queued').length,
      domainsAtWork: countBy(
        Object.keys(meta.strategy.domains),
        (domain) => forward.filter((row) => domainOf(row) === domain).length,
      ),
      doubtful: hosts.filter(isDoubtful).length,
      next: nextHosts(),
      window: windowOf(),
      signatures: meta.strategy.maxSameSignature === undefined ? [] : tallySignatures(hosts),
      held: [],
      nextDue: later.length > 0 ? Math.min(...later) : undefined,
    };
  }

  function nextHosts(): RolloutView['next'] {
    const most = meta.strategy.concurrency;
    const numbers = (rows: HostRow[]) => rows.slice(0, most).map((row) => row.number);
    const waiting = pending().filter(isOpen);
    const ordered = [true, false].flatMap((retried) =>
      [true, false].flatMap((doubtful) =>
        waiting.filter((row) => row.retried === retried && isDoubtful(row) === doubtful),
      ),
    );
    const forward = ordered.slice(0, most);
    return {
      forward: forward.map((row) => ({
        number: row.number,
        domain: domainOf(row),
        doubtful: isDoubtful(row),
      })),
      retries: forward.filter((row) => row.retried).length,
      back: numbers(hosts.filter((row) => row.state === 'rolling_back' && isDue(row))),
      probe: numbers(hosts.filter((row) => row.state === 'lost' && isDue(row))),
      bake: numbers(hosts.filter(isToBeBaked)),
    };
  }

  function pending(): HostRow[] {
    const current = batches.find((batch) => batch.passedAt === undefined)?.number;
    return hosts.filter(({ state, batch }) => state === 'pending' && batch === current);
  }

  function isToBeBaked(row: HostRow): boolean {
    const batch = batches.find((each) => each.number === row.batch);
    const { bakeUntil } = batch ?? {};
    const ended = batch?.passedAt === undefined && bakeUntil !== undefined && bakeUntil <= now;
    return ended && row.state === 'succeeded' && !row.baked && row.task === undefined;
  }

  function isDoubtful(row: HostRow): boolean {
    return row.state === 'pending' && row.expiries > 0 && late.has(row.number);
  }

  function domainOf(row: HostRow): string | undefined {
    return world.domains?.[row.number];
  }

  function isOpen(row: HostRow): boolean {
    const waived = meta.windowWaivedUntil !== undefined && now < meta.windowWaivedUntil;
    return !world.windows || waived || !isShut(row.number, now);
  }

  function windowOf(): RolloutView['window'] {
    if (!world.windows) return undefined;
    const waiting = pending();
    const shut = waiting.every((row) => isShut(row.number, now));
    const opens = waiting.filter((row) => isShut(row.number, now));
    const instants = opens.map((row) => opensAfter(row.number, now));
    return { shut, opensAt: instants.length > 0 ? Math.min(...instants) : undefined };
  }

  function isDue(row: HostRow): boolean {
    const waits = due.get(row.number);
    return row.task === undefined && waits !== undefined && waits.at <= now;
  }

  /** Deadlines stand still outside of work time; a long time passes in pieces. */
  function pass(time: number): void {
    const piece = Math.min(time, 5000);
    const counts = isWorkTime(view(), now);
    now += piece;
    if (counts) work(piece);
    if (time > piece) pass(time - piece);
  }

  function work(time: number): void {
    if (meta.state !== 'running') return;
    batches = batches.map((batch) =>
      batch.startedAt !== undefined && batch.passedAt === undefined
        ? { ...batch, workedFor: batch.workedFor + time }
        : batch,
    );
  }

  function claim(row: HostRow): void {
    late.delete(row.number);
    put({ ...row, state: 'running' });
  }

  function report(row: HostRow, outcome: ClaimOutcome, signature?: string): void {
    late.delete(row.number);
    const after = applyOutcome(row, outcome, { rollout: meta, expired: isExpired(row) });
    const failed = after.outcome !== undefined && after.outcome !== 'succeeded';
    const kept = row.outcome === after.outcome ? row.signature : (signature ?? after.outcome);
    put({ ...after, signature: failed ? kept : undefined });
    judge();
  }

  function expire(row: HostRow): void {
    if (row.task !== undefined) late.set(row.number, row.task);
    const after = expireLease(row, { rollout: meta, expired: isExpired(row) });
    put({
      ...after,
      signature: after.outcome === 'lost' ? (row.signature ?? 'lost') : row.signature,
    });
    judge();
  }

  function isExpired(row: HostRow): boolean {
    return now - (due.get(row.number)?.since ?? now) >= meta.strategy.hostTimeout;
  }

  function judge(): void {
    for (;;) {
      const before = view();
      const trip = findTrip(before);
      if (!trip) return;
      decided(before, trip);
    }
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
    if (decision.kind === 'wait') return noteReason(decision.reason);
    if (decision.kind === 'dispatch') dispatch(decision);
    else apply(changeOf(before, decision, now));
    if (decision.kind === 'trip') addTrip(decision);
  }

  /** What it waits for is seen without a new decision. */
  function noteReason(reason: RolloutView['reason']): void {
    if (meta.state === 'running' || meta.state === 'scheduled') meta = { ...meta, reason };
  }

  function dispatch({ direction, hosts: numbers }: Extract<Decision, { kind: 'dispatch' }>): void {
    for (const number of numbers) {
      const row = rowOf(number);
      put({ ...row, task: direction, state: direction === 'forward' ? 'queued' : row.state });
    }
  }

  function act(verb: Verb, numbers: number[] = [], token = 'operator'): void {
    const before = view();
    const named = numbers.map((number) => ({ ...rowOf(number), name: `h${number}` }));
    const asking = { now, token, requester: REQUESTER, planDigest: DIGEST, named };
    const change = planVerb(before, verb, asking);
    seen.push({ kind: 'verb', verb, token, before, change });
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
    const { approval, state, reason, rollback, abort, answered } = change;
    const trips = answered ? [] : meta.trips;
    const started = change.batches.some((batch) => batch.started);
    meta = {
      ...meta,
      rev: meta.rev + 1,
      state,
      reason,
      rollback,
      abort,
      trips,
      strategy: change.strategy ?? meta.strategy,
      windowWaivedUntil: change.windowWaivedUntil ?? meta.windowWaivedUntil,
      approval: approval === 'none' ? undefined : (approval ?? meta.approval),
      startedAt: meta.startedAt ?? (started ? now : undefined),
      owned: !isFinal(state) && (meta.owned || change.take === true),
    };
  }

  function addTrip({ batch, evidence, reason, signature }: Trip): void {
    const scope = evidence.scope;
    const trip = { decision: decisions, scope, batch, reason, ...(signature && { signature }) };
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
    claim,
    report,
    expire,
    late: (row) => (row.state === 'running' ? undefined : late.get(row.number)),
    isStopping: (row) => stopping.has(row.number),
    freeze: (frozen) => {
      const reason = { code: 'freeze', message: 'everything is frozen' } as const;
      meta = { ...meta, freeze: frozen && { reason, ...frozen } };
    },
    block: (conflict) => {
      meta = { ...meta, conflict };
    },
    isOpen,
    conduct,
    act,
  };
}

function countBy<K extends string>(keys: readonly K[], count: (key: K) => number) {
  return Object.fromEntries(keys.map((key) => [key, count(key)])) as Record<K, number>;
}

function changeBatch(batch: BatchView, { batches }: Change, now: Instant): BatchView {
  const changes = batches.filter(({ number }) => number === batch.number);
  return changes.reduce((before, change) => {
    const shut = change.gate === 'shut';
    const passedAt = change.gate === 'open' ? now : before.passedAt;
    return {
      ...before,
      ...change.numbers,
      state: change.state ?? before.state,
      startedAt: before.startedAt ?? (change.started ? now : undefined),
      passedAt: shut ? undefined : passedAt,
      bakeUntil: shut ? undefined : (change.bakeUntil ?? before.bakeUntil),
      delayWaived: before.delayWaived || change.waiveDelay === true,
      workedFor: shut ? 0 : before.workedFor,
      waived: [...(shut ? [] : before.waived), ...(change.waive ?? [])],
    };
  }, batch);
}

function notStarted(batch: PlannedRollout['batches'][number]): BatchView {
  return {
    ...batch,
    state: 'pending',
    startedAt: undefined,
    passedAt: undefined,
    bakeUntil: undefined,
    delayWaived: false,
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
    baked: false,
    signature: undefined,
    expiries: 0,
  };
}
