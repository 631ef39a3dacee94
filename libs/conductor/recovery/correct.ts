import type { RecoveryResult } from '#api';
import type { HostRow as LedgerHost, Queries, RegistryRow } from '#ledger';
import type { ResolvedOperation } from '#operations';
import { FINAL_STATES, type HostRow } from '#rollout';
import { storeHost, toHostRow } from '../claims/host-row.ts';
import { findRegistered, forgetChange, updateRegistered } from '../claims/registry.ts';
import type { Engine } from '../engine.ts';
import type { HostWord } from './read-back.ts';

/** A host that was read back, and where what is found is told. */
export interface ReadBack {
  host: { name: string; site: string };
  word: HostWord;
  result: RecoveryResult;
  now: number;
}

/** Makes the ledger say of a host what the host says of itself. Answers the rollouts whose hosts changed. */
export async function correct(
  engine: Engine,
  queries: Queries,
  readBack: ReadBack,
): Promise<string[]> {
  const { host, word, result } = readBack;
  const registered = await findRegistered(queries, host);
  if (!registered || word.fleet === null) return [];
  if (word.fleet !== engine.ledger.fleet) {
    result.foreign.push({ host: host.name, fleet: word.fleet });
    return [];
  }
  await raiseEpoch(queries, registered, readBack);
  const switched = await noteSwitched(engine, queries, readBack);
  const taken = await noteTakenBack(queries, registered, readBack);
  return [...switched, ...taken];
}

/** Claims that the backup did not know: the next one has to be greater. */
async function raiseEpoch(
  queries: Queries,
  { epoch: before }: RegistryRow,
  { host, word, result }: ReadBack,
): Promise<void> {
  if (word.epoch <= before) return;
  result.epochs.push({ host: host.name, before, after: word.epoch });
  await updateRegistered(queries, host, { epoch: word.epoch });
}

/** What switched it last is what a rollback has to reach. */
async function noteSwitched(
  engine: Engine,
  queries: Queries,
  { host, word, result, now }: ReadBack,
): Promise<string[]> {
  if (word.rollout === null) return [];
  const row = await hostOf(queries, word.rollout, host);
  if (!row) {
    result.unknown.push({ host: host.name, rollout: word.rollout });
    return leaveToLater(queries, word.rollout, { host, word, result, now });
  }
  const before = toHostRow(row);
  const after = afterSwitch(before, await areRecorded(engine, queries, row.rollout, word));
  if (after.changed === before.changed && after.state === before.state) return [];
  const told = { host: host.name, rollout: row.rollout };
  if (!before.changed) result.changed.push(told);
  if (after.state !== before.state) result.succeeded.push(told);
  await storeHost(queries, row, after, after.state === before.state ? {} : ended(now));
  await updateRegistered(queries, host, { changed_by: row.rollout });
  return [row.rollout];
}

/**
 * A host belongs to one rollout at a time: where a later one has switched it, those before had come to their end on
 * it. They leave it alone, so that a resume does not bring back what was replaced.
 */
async function leaveToLater(
  queries: Queries,
  later: string,
  { host, result, now }: ReadBack,
): Promise<string[]> {
  const rows = await queries
    .selectFrom('rollout_hosts')
    .innerJoin('rollouts', 'rollouts.id', 'rollout_hosts.rollout')
    .selectAll('rollout_hosts')
    .where('rollout_hosts.name', '=', host.name)
    .where('rollout_hosts.site', '=', host.site)
    .where('rollout_hosts.state', '=', 'pending')
    .where('rollouts.id', '<', later)
    .where('rollouts.purpose', '=', 'rollout')
    .where('rollouts.state', 'not in', [...FINAL_STATES])
    .limit(100)
    .execute();
  const message = `rollout ${later}, which this ledger does not know, changed the host since`;
  for (const row of rows) {
    const after: HostRow = { ...toHostRow(row), state: 'skipped', retried: false };
    const reason = JSON.stringify({ code: 'superseded', message });
    await storeHost(queries, row, after, { reason, ended_at: now });
    result.skipped.push({ host: host.name, rollout: row.rollout });
  }
  return rows.map(({ rollout }) => rollout);
}

/** One that is to be checked still stays as it is: claimed again it is checked and not switched. */
function afterSwitch(before: HostRow, recorded: boolean): HostRow {
  const after = { ...before, changed: true };
  const open = before.state === 'pending' || before.state === 'lost';
  if (!open || !recorded || before.task !== undefined) return after;
  return {
    ...after,
    state: 'succeeded',
    outcome: 'succeeded',
    unchanged: false,
    acknowledged: false,
    coveredBy: undefined,
    retried: false,
    signature: undefined,
  };
}

function ended(now: number): Partial<LedgerHost> {
  return { code: null, message: null, remedy: null, ended_at: now, due_at: null, work_from: null };
}

/** Only builds are recorded on the host: with any other check nobody knows whether it passed. */
async function areRecorded(
  engine: Engine,
  queries: Queries,
  rollout: string,
  { checks }: HostWord,
): Promise<boolean> {
  const { operations } = await engine.frozen.of(queries, rollout);
  const wanted = checksOf(operations);
  return (
    wanted.length > 0 && wanted.every(({ kind, id }) => kind === 'goBuild' && checks.includes(id))
  );
}

function checksOf(operations: ResolvedOperation[]) {
  return operations.flatMap((each) => (each.operation === 'health-check' ? each.checks : []));
}

/** Rolled back after the backup was made: what is on the host is what an earlier rollout left. */
async function noteTakenBack(
  queries: Queries,
  { changed_by: rollout }: RegistryRow,
  { host, word, result, now }: ReadBack,
): Promise<string[]> {
  if (rollout === null || rollout === word.rollout) return [];
  if (word.rollout !== null && word.rollout > rollout) return [];
  const row = await hostOf(queries, rollout, host);
  if (row?.state !== 'succeeded' || row.changed !== 1 || row.unchanged === 1) return [];
  result.rolledBack.push({ host: host.name, rollout });
  const after: HostRow = { ...toHostRow(row), state: 'rolled_back', changed: false };
  await storeHost(queries, row, after, { ended_at: now });
  await forgetChange(queries, host);
  return [rollout];
}

async function hostOf(
  queries: Queries,
  rollout: string,
  { name, site }: { name: string; site: string },
): Promise<LedgerHost | undefined> {
  return queries
    .selectFrom('rollout_hosts')
    .selectAll()
    .where('rollout', '=', rollout)
    .where('name', '=', name)
    .where('site', '=', site)
    .executeTakeFirst();
}

/** Lost hosts of rollouts that go on are looked at again. */
export async function lookAgain(queries: Queries, now: number): Promise<void> {
  await queries
    .updateTable('rollout_hosts')
    .set({ due_at: now, work_from: null })
    .where('state', '=', 'lost')
    .where('due_at', 'is', null)
    .where('rollout', 'in', (build) =>
      build
        .selectFrom('rollouts')
        .select('id')
        .where('state', 'not in', [...FINAL_STATES]),
    )
    .execute();
}
