import type { Report } from '#api';
import {
  insertRows,
  prepared,
  updateRow,
  type ClaimRow,
  type HostRow as LedgerHost,
  type Queries,
  type Slot,
} from '#ledger';
import { beginSwitch } from '#rollout';
import type { Engine } from '../engine.ts';
import { tell } from '../events/tell.ts';
import { endClaim } from './end-claim.ts';
import { findHost, storeHost, toHostRow } from './host-row.ts';
import { updateRegistered } from './registry.ts';

/** What one call tells of a claim, in its order, and the claim as it was before. */
export interface Reported {
  claimed: ClaimRow;
  reports: Report[];
  now: number;
}

/**
 * Applies what is new of a claim: what it tells is kept, and where its epoch is the newest of the host, what it says
 * of the host counts, also after its lease has run out. Answers how the claim ended, where it did.
 */
export async function applyReports(
  engine: Engine,
  queries: Queries,
  reported: Reported,
): Promise<Report['outcome']> {
  const { reports, claimed, now } = reported;
  await keepWords(queries, reported);
  await markSeen(queries, reported);
  const host = await findHost(queries, claimed.rollout, claimed.host);
  if (!host || !(await isNewest(engine, queries, host, claimed))) return undefined;
  await noteSteps(queries, host, reports, now);
  const outcome = reports.find((each) => each.outcome)?.outcome;
  const switching = reports.some((each) => each.switching) || outcome?.switched === true;
  const begun = switching ? await noteSwitch(queries, host) : host;
  if (outcome) await endClaim(engine, queries, begun, claimed, outcome);
  return outcome;
}

/** Steps and log are kept of every epoch. */
async function keepWords(queries: Queries, { reports, now }: Reported): Promise<void> {
  const steps = reports.flatMap(({ rollout, host, epoch, seq, step }) => {
    if (!step) return [];
    const { name, at, ms, ok, detail = null } = step;
    return [{ rollout, host, epoch, seq, name, at, ms, ok: Number(ok), detail }];
  });
  const logs = reports.flatMap(({ rollout, host, epoch, log = '' }) =>
    log === '' ? [] : [{ rollout, host, epoch, at: now, text: log }],
  );
  await insertRows(queries, 'steps', steps);
  await insertRows(queries, 'host_logs', logs);
}

async function markSeen(queries: Queries, { claimed, reports }: Reported): Promise<void> {
  const { rollout, host, epoch, last_seq } = claimed;
  const seq = reports.at(-1)?.seq ?? last_seq;
  await updateRow(queries, 'claims', { rollout, host, epoch }, { last_seq: seq });
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
  if (reading === true) return true;
  const [registered] = await epochOf(queries, host);
  return registered?.epoch === claimed.epoch;
}

const epochOf = prepared((queries, slot: Slot<{ name: string; site: string }>) =>
  queries
    .selectFrom('host_registry')
    .select('epoch')
    .where('name', '=', slot('name'))
    .where('site', '=', slot('site')),
);

async function noteSteps(queries: Queries, host: LedgerHost, reports: Report[], now: number) {
  const steps = reports.flatMap(({ step }) => step ?? []);
  const latest = steps.at(-1);
  if (!latest) return;
  const { rollout, number, batch, name } = host;
  await updateRow(queries, 'rollout_hosts', { rollout, number }, { step: latest.name });
  const events = steps.map((step) => ({
    type: 'host.step' as const,
    rollout,
    batch,
    host: name,
    details: { step: step.name, ok: step.ok, ms: step.ms },
  }));
  await tell(queries, now, ...events);
}

/** Stored before the worker is answered, so before the switch begins. */
async function noteSwitch(queries: Queries, host: LedgerHost): Promise<LedgerHost> {
  await updateRegistered(queries, host, { changed_by: host.rollout });
  if (host.task === 'back' || host.changed === 1) return host;
  await storeHost(queries, host, beginSwitch(toHostRow(host)));
  return { ...host, changed: 1 };
}
