import type { Report } from '#api';
import type { ClaimRow, HostRow as LedgerHost, Queries } from '#ledger';
import { beginSwitch } from '#rollout';
import type { Engine } from '../engine.ts';
import { tell } from '../events/tell.ts';
import { endClaim } from './end-claim.ts';
import { findHost, storeHost, toHostRow } from './host-row.ts';
import { findRegistered, updateRegistered } from './registry.ts';

/** A report with the claim that it belongs to. */
export interface Reported {
  report: Report;
  claimed: ClaimRow;
  now: number;
}

/**
 * Applies one report: what it tells is kept, and where its epoch is the newest of the host, what it says of the host
 * counts, also after its lease has run out. True where the view of the rollout may have changed.
 */
export async function applyReport(
  engine: Engine,
  queries: Queries,
  reported: Reported,
): Promise<boolean> {
  const { report, claimed, now } = reported;
  await keepWords(queries, reported);
  await markSeen(queries, claimed, report);
  const host = await findHost(queries, report.rollout, report.host);
  if (!host || !(await isNewest(engine, queries, host, claimed))) return false;
  await noteSteps(queries, host, report, now);
  const switching = report.switching === true || report.outcome?.switched === true;
  const begun = switching ? await noteSwitch(queries, host) : host;
  if (!report.outcome) return false;
  await endClaim(engine, queries, begun, claimed, report.outcome);
  return true;
}

/** Steps and log are kept of every epoch. */
async function keepWords(queries: Queries, { report, now }: Reported): Promise<void> {
  const { rollout, host, epoch, seq, step, log } = report;
  if (step)
    await queries
      .insertInto('steps')
      .values({
        rollout,
        host,
        epoch,
        seq,
        name: step.name,
        at: step.at,
        ms: step.ms,
        ok: Number(step.ok),
        detail: step.detail ?? null,
      })
      .execute();
  if (log !== undefined && log !== '')
    await queries
      .insertInto('host_logs')
      .values({ rollout, host, epoch, at: now, text: log })
      .execute();
}

async function markSeen(queries: Queries, claimed: ClaimRow, { seq }: Report): Promise<void> {
  await queries
    .updateTable('claims')
    .set({ last_seq: seq })
    .where('rollout', '=', claimed.rollout)
    .where('host', '=', claimed.host)
    .where('epoch', '=', claimed.epoch)
    .execute();
}

/** Not ended but for its lease, and no later claim of any rollout was granted; readings stand aside of those. */
async function isNewest(
  engine: Engine,
  queries: Queries,
  host: LedgerHost,
  claimed: ClaimRow,
): Promise<boolean> {
  if (claimed.outcome !== null && claimed.outcome !== 'expired') return false;
  if (host.epoch !== claimed.epoch) return false;
  const { reading } = await engine.frozen.of(queries, host.rollout);
  return reading === true || (await findRegistered(queries, host))?.epoch === claimed.epoch;
}

async function noteSteps(queries: Queries, host: LedgerHost, { step }: Report, now: number) {
  if (!step) return;
  await queries
    .updateTable('rollout_hosts')
    .set({ step: step.name })
    .where('rollout', '=', host.rollout)
    .where('number', '=', host.number)
    .execute();
  const details = { step: step.name, ok: step.ok, ms: step.ms };
  await tell(queries, now, {
    type: 'host.step',
    rollout: host.rollout,
    batch: host.batch,
    host: host.name,
    details,
  });
}

/** Stored before the worker is answered, so before the switch begins. */
async function noteSwitch(queries: Queries, host: LedgerHost): Promise<LedgerHost> {
  await updateRegistered(queries, host, { changed_by: host.rollout });
  if (host.task === 'back' || host.changed === 1) return host;
  await storeHost(queries, host, beginSwitch(toHostRow(host)));
  return { ...host, changed: 1 };
}
