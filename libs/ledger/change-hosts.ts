import type { HostChange, HostSelection } from '#rollout';
import { changedElsewhere, ownedElsewhere, selected, workedBy } from './select-hosts.ts';
import type { HostRow } from './tables.ts';
import type { Queries } from './types.ts';

/** Numbers in one statement. */
const AT_ONCE = 1000;

/** A change to many hosts of a rollout, and when it happens. */
export interface HostsChange {
  rollout: string;
  select: HostSelection;
  set: HostChange;
  now: number;
  /** The number of the decision that is stored with it. */
  decision: number;
}

/** A host that a rollback leaves alone although its rollout changed it. */
export interface LeftAlone {
  name: string;
  code: 'lock_conflict' | 'superseded';
}

/** Hosts that nobody is invited to or works on. */
const IDLE = {
  work: 'idle',
  task: null,
  queued_at: null,
  invited_at: null,
  lease_until: null,
  stop: 0,
};

/** As if it had not ended yet, but for what its rollout changed on it. */
const UNDONE = {
  outcome: null,
  unchanged: 0,
  acknowledged: 0,
  covered_by: null,
  baked: 0,
  roll_back_after: 0,
  due_at: null,
  work_from: null,
  reason: null,
  code: null,
  message: null,
  remedy: null,
  signature: null,
  ...IDLE,
};

/** Does in SQL what `changeHost` of the rules does to one row. Counters are to be counted anew after it. */
export async function changeHosts(queries: Queries, change: HostsChange): Promise<void> {
  for (const select of parts(change.select)) await changeSome(queries, { ...change, select });
}

/** SQLite takes only so many values; each part is a selection of its own. */
function parts(select: HostSelection): HostSelection[] {
  const { numbers } = select;
  if (!numbers || numbers.length <= AT_ONCE) return [select];
  const count = Math.ceil(numbers.length / AT_ONCE);
  return Array.from({ length: count }, (_, at) => ({
    ...select,
    numbers: numbers.slice(at * AT_ONCE, (at + 1) * AT_ONCE),
  }));
}

async function changeSome(queries: Queries, change: HostsChange): Promise<void> {
  const { rollout, select, set } = change;
  const update = queries.updateTable('rollout_hosts');
  if (set === 'cover')
    await update
      .set((row) => ({
        covered_by: row.fn.coalesce(row.ref('covered_by'), row.val(change.decision)),
      }))
      .where((build) => selected(build, rollout, select))
      .execute();
  else if (set === 'stopRollBack')
    await update
      .set((row) => ({
        state: row.fn.coalesce(row.ref('outcome'), row.val('cancelled')),
        due_at: null,
        work_from: null,
      }))
      .where((build) => selected(build, rollout, select))
      .execute();
  else if (set === 'rollBack') await rollBack(queries, change);
  else
    await update
      .set(VALUES[set](change.now))
      .where((build) => selected(build, rollout, select))
      .execute();
}

const VALUES: Record<
  Exclude<HostChange, 'cover' | 'stopRollBack' | 'rollBack'>,
  (now: number) => Partial<HostRow>
> = {
  requeue: () => ({ state: 'pending', ...IDLE }),
  retry: () => ({ state: 'pending', retried: 1, expiries: 0, ended_at: null, ...UNDONE }),
  revive: () => ({ state: 'pending', ended_at: null }),
  cancel: (now) => ({ state: 'cancelled', retried: 0, ended_at: now, ...IDLE }),
  stop: () => ({ stop: 1 }),
  acknowledge: () => ({ acknowledged: 1 }),
  rollBackAfter: () => ({ roll_back_after: 1 }),
  skip: (now) => ({ state: 'skipped', retried: 0, ended_at: now, ...UNDONE }),
  bake: () => ({ baked: 0 }),
};

/** The hosts become the rollout's own again, also after its end. */
async function rollBack(queries: Queries, { rollout, select, now }: HostsChange): Promise<void> {
  await queries
    .updateTable('rollout_hosts')
    .set((build) => ({
      state: 'rolling_back',
      retried: 0,
      due_at: now,
      work_from: workedBy(build, rollout, now),
    }))
    .where((build) => selected(build, rollout, select))
    .where((build) => build.not(ownedElsewhere(build, rollout)))
    .where((build) => build.not(changedElsewhere(build, rollout)))
    .execute();
  await queries
    .updateTable('host_registry')
    .set({ owner: rollout })
    .where('owner', 'is', null)
    .where((build) =>
      build.exists(
        build
          .selectFrom('rollout_hosts')
          .select('number')
          .where('rollout', '=', rollout)
          .where('state', '=', 'rolling_back')
          .whereRef('rollout_hosts.name', '=', 'host_registry.name')
          .whereRef('rollout_hosts.site', '=', 'host_registry.site'),
      ),
    )
    .execute();
}

/** Asked before a rollback changes anything: the hosts of its selection that it will leave alone. */
export async function leftAlone(
  queries: Queries,
  rollout: string,
  whole: HostSelection,
): Promise<LeftAlone[]> {
  const found: LeftAlone[] = [];
  for (const select of parts(whole)) {
    const chosen = queries
      .selectFrom('rollout_hosts')
      .select('name')
      .where((build) => selected(build, rollout, select))
      .orderBy('number')
      .limit(1000);
    const owned = await chosen.where((build) => ownedElsewhere(build, rollout)).execute();
    const later = await chosen
      .where((build) => build.not(ownedElsewhere(build, rollout)))
      .where((build) => changedElsewhere(build, rollout))
      .execute();
    found.push(...owned.map(({ name }) => ({ name, code: 'lock_conflict' as const })));
    found.push(...later.map(({ name }) => ({ name, code: 'superseded' as const })));
  }
  return found;
}

/** Names of the selected hosts, in their order, a page at a time. */
export async function namesOf(
  queries: Queries,
  rollout: string,
  whole: HostSelection,
  most = Infinity,
): Promise<string[]> {
  const names: string[] = [];
  for (const select of parts(whole)) {
    let after = -1;
    while (names.length < most) {
      const rows = await queries
        .selectFrom('rollout_hosts')
        .select(['name', 'number'])
        .where((build) => selected(build, rollout, select))
        .where('number', '>', after)
        .orderBy('number')
        .limit(Math.min(AT_ONCE, most - names.length))
        .execute();
      names.push(...rows.map(({ name }) => name));
      after = rows.at(-1)?.number ?? after;
      if (rows.length < AT_ONCE) break;
    }
  }
  return names;
}
