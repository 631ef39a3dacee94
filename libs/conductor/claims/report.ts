import type { Actor, Report, ReportAnswer, ReportRequest } from '#api';
import { findRow, prepared, updateRow, type ClaimRow, type Queries, type Slot } from '#ledger';
import type { Engine } from '../engine.ts';
import { refuseProtocol } from './claim.ts';
import { LEASE } from './constants.ts';
import { applyReports } from './apply-report.ts';
import { judge } from './judge.ts';
import { NOTED_EVERY, noteBeat } from './workers.ts';

/** Takes what a worker has to say, renews its leases, and answers which claims it is to stop. */
export async function report(
  engine: Engine,
  by: Actor,
  request: ReportRequest,
): Promise<ReportAnswer> {
  refuseProtocol(request.protocol);
  const now = engine.clock.now();
  const { stop, ends, awake } = await engine.write(
    async (queries) => {
      const { worker, open } = request;
      const beat = await noteBeat(queries, { worker, site: by.site ?? '', open, now });
      const applied = await applyAll(engine, queries, by, request, now);
      for (const rollout of rolloutsOf(applied.filter(mayTrip)))
        await judge(engine, queries, rollout);
      const until = now + LEASE + NOTED_EVERY;
      const stopped = await renew(queries, request, beat === 'known' ? undefined : until);
      return { stop: stopped, ends: applied, awake: beat === 'first' };
    },
    patienceFor(request, engine.patience),
  );
  for (const rollout of rolloutsOf(ends)) engine.wake(rollout);
  if (awake) engine.wakeAll();
  if (ends.some(mayTrip)) engine.send();
  return { leaseMs: LEASE, stop };
}

/** What may trip waits for nobody: no claim is to be granted meanwhile. */
function patienceFor({ reports }: ReportRequest, patience: number | undefined) {
  const urgent = reports.some(({ outcome }) => outcome !== undefined && mayTrip(outcome));
  return urgent ? 0 : patience;
}

/** A claim that ended. */
interface End {
  rollout: string;
  state: string;
}

/** A success moves no counter towards a limit; the view of its rollout is looked at again anyhow. */
function mayTrip({ state }: Pick<End, 'state'>): boolean {
  return state !== 'succeeded';
}

function rolloutsOf(ends: End[]): Set<string> {
  return new Set(ends.map(({ rollout }) => rollout));
}

/** Applies the reports claim by claim; those of one claim are in their order. */
async function applyAll(
  engine: Engine,
  queries: Queries,
  by: Actor,
  { reports }: ReportRequest,
  now: number,
): Promise<End[]> {
  const ends: End[] = [];
  for (const some of Map.groupBy(reports, keyOf).values()) {
    const claimed = await findClaim(engine, queries, by, some);
    const fresh = claimed ? unseen(some, claimed.last_seq) : [];
    if (!claimed || fresh.length === 0) continue;
    const outcome = await applyReports(engine, queries, { claimed, reports: fresh, now });
    if (outcome) ends.push({ rollout: claimed.rollout, state: outcome.state });
  }
  return ends;
}

/** Those that count on from the last one that was seen; the same may have been sent twice. */
function unseen(reports: Report[], seen: number): Report[] {
  let last = seen;
  return reports.filter(({ seq }) => {
    if (seq <= last) return false;
    last = seq;
    return true;
  });
}

/** A claim of the worker's own site; what was never granted is not listened to. */
async function findClaim(
  engine: Engine,
  queries: Queries,
  by: Actor,
  reports: Report[],
): Promise<ClaimRow | undefined> {
  const [first] = reports;
  if (!first) return undefined;
  const { rollout, host, epoch } = first;
  const found = await findRow(queries, 'claims', { rollout, host, epoch });
  if (found && found.site === (by.site ?? '')) return found;
  for (const each of reports)
    engine.log.warn(idOf(each), 'a report of a claim that this ledger did not grant');
  return undefined;
}

function idOf({ rollout, host, epoch, seq }: Report) {
  return { rollout, host, epoch, seq };
}

/**
 * Names the claims that the worker is to stop; renews the leases of the others to that instant, but not where all of
 * them were renewed a moment ago.
 */
async function renew(
  queries: Queries,
  { worker, working }: ReportRequest,
  until: number | undefined,
): Promise<ReportAnswer['stop']> {
  const claimed = await claimsOf(queries, worker);
  const own = new Map(claimed.map((each) => [keyOf(each), each]));
  const stop: ReportAnswer['stop'] = [];
  for (const { rollout, host, epoch } of working) {
    const row = own.get(keyOf({ rollout, host, epoch }));
    if (!row) stop.push({ rollout, host, epoch, why: 'superseded' });
    else if (row.stop === 1) stop.push({ rollout, host, epoch, why: 'cancel' });
  }
  if (until === undefined) return stop;
  const named = working.filter((each) => own.has(keyOf(each)));
  if (named.length === claimed.length) await renewAll(queries, { worker, until });
  else
    for (const { rollout, host: number } of named)
      await updateRow(queries, 'rollout_hosts', { rollout, number }, { lease_until: until });
  return stop;
}

interface Claimed {
  rollout: string;
  host: number;
  epoch: number;
  stop: number;
}

/** All that a worker holds. */
async function claimsOf(queries: Queries, worker: string): Promise<Claimed[]> {
  const all: Claimed[] = [];
  for (;;) {
    const some = await claimedBy(queries, { worker, from: all.length });
    all.push(...some);
    if (some.length < AT_ONCE) return all;
  }
}

const AT_ONCE = 1000;

/** Read from an index alone, that of hosts with a task: it is asked with every report. */
const claimedBy = prepared((queries, slot: Slot<{ worker: string; from: number }>) =>
  queries
    .selectFrom('rollout_hosts')
    .select(['rollout', 'number as host', 'epoch', 'stop'])
    .where('worker', '=', slot('worker'))
    .where('work', '=', 'claimed')
    .where('task', 'is not', null)
    .orderBy('rollout')
    .orderBy('number')
    .limit(AT_ONCE)
    .offset(slot('from')),
);

/** Where the worker has named every claim that it holds. */
const renewAll = prepared((queries, slot: Slot<{ worker: string; until: number }>) =>
  queries
    .updateTable('rollout_hosts')
    .set({ lease_until: slot('until') })
    .where('worker', '=', slot('worker'))
    .where('work', '=', 'claimed')
    .where('task', 'is not', null),
);

function keyOf({ rollout, host, epoch }: { rollout: string; host: number; epoch: number }): string {
  return `${rollout}.${host}.${epoch}`;
}
