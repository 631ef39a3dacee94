import type { Actor, Report, ReportAnswer, ReportRequest } from '#api';
import type { Queries } from '#ledger';
import { chunks } from '../chunks.ts';
import type { Engine } from '../engine.ts';
import { refuseProtocol } from './claim.ts';
import { LEASE } from './constants.ts';
import { applyReport, type Reported } from './apply-report.ts';
import { judge } from './judge.ts';
import { noteBeat } from './workers.ts';

/** Claims looked up by one statement. */
const AT_ONCE = 200;

/** Takes what a worker has to say, renews its leases, and answers which claims it is to stop. */
export async function report(
  engine: Engine,
  by: Actor,
  request: ReportRequest,
): Promise<ReportAnswer> {
  refuseProtocol(request.protocol);
  const now = engine.clock.now();
  const touched = new Set<string>();
  const { stop, awake } = await engine.write(async (queries) => {
    const { worker, open } = request;
    const first = await noteBeat(queries, { worker, site: by.site ?? '', open, now });
    for (const each of request.reports) {
      const claimed = await findClaim(queries, by, each);
      if (!claimed)
        engine.log.warn(idOf(each), 'a report of a claim that this ledger did not grant');
      if (!claimed || claimed.last_seq >= each.seq) continue;
      const reported: Reported = { report: each, claimed, now };
      if (await applyReport(engine, queries, reported)) touched.add(each.rollout);
    }
    for (const rollout of touched) await judge(engine, queries, rollout);
    return { stop: await renew(queries, request, now), awake: first };
  });
  for (const rollout of touched) engine.wake(rollout);
  if (awake) engine.wakeAll();
  engine.send();
  return { leaseMs: LEASE, stop };
}

function idOf({ rollout, host, epoch, seq }: Report) {
  return { rollout, host, epoch, seq };
}

/** A claim of the worker's own site; what was never granted is not listened to. */
async function findClaim(queries: Queries, by: Actor, { rollout, host, epoch }: Report) {
  return queries
    .selectFrom('claims')
    .selectAll()
    .where('rollout', '=', rollout)
    .where('host', '=', host)
    .where('epoch', '=', epoch)
    .where('site', '=', by.site ?? '')
    .executeTakeFirst();
}

/** Renews the leases of what the worker works on; names the claims that it is to stop. */
async function renew(queries: Queries, { worker, working }: ReportRequest, now: number) {
  const stop: ReportAnswer['stop'] = [];
  for (const { rollout, host, epoch } of working) {
    const row = await queries
      .selectFrom('rollout_hosts')
      .select(['work', 'epoch', 'worker', 'stop'])
      .where('rollout', '=', rollout)
      .where('number', '=', host)
      .executeTakeFirst();
    const own = row?.work === 'claimed' && row.epoch === epoch && row.worker === worker;
    if (!own) stop.push({ rollout, host, epoch, why: 'superseded' });
    else if (row.stop === 1) stop.push({ rollout, host, epoch, why: 'cancel' });
  }
  const lost = new Set(stop.filter(({ why }) => why === 'superseded').map(keyOf));
  const own = working.filter((each) => !lost.has(keyOf(each)));
  for (const [rollout, hosts] of Map.groupBy(own, (each) => each.rollout))
    for (const some of chunks(hosts, AT_ONCE))
      await queries
        .updateTable('rollout_hosts')
        .set({ lease_until: now + LEASE })
        .where('rollout', '=', rollout)
        .where(
          'number',
          'in',
          some.map(({ host }) => host),
        )
        .where('work', '=', 'claimed')
        .execute();
  return stop;
}

function keyOf({ rollout, host, epoch }: { rollout: string; host: number; epoch: number }): string {
  return `${rollout}.${host}.${epoch}`;
}
