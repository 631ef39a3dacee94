import { setImmediate as nextTick } from 'node:timers/promises';
import { takeRegistered, type Queries } from '#ledger';
import { chunks } from '../chunks.ts';
import type { Engine } from '../engine.ts';
import type { Drawing } from './drawing.ts';
import { insertNewHosts } from './freeze.ts';
import type { NewHost } from './host-rows.ts';
import { refuseOwned } from './ownership.ts';

/** Rows of a rollout that is being created; nothing looks at them until its purpose is another. */
export const STAGING = 'staging';

/** Hosts written by one transaction: some 20 ms, so that reports and claims do not wait longer. */
const AT_ONCE = 500;
/** The event loop gets its turn after so many. */
const AT_A_TIME = 125;

/** Writes a piece of the hosts; those that are to be the rollout's own become it. Throws `lock_conflict`. */
export async function stageHosts(
  queries: Queries,
  rollout: string,
  drawing: Drawing,
  { from, most, owns }: { from: number; most: number; owns: boolean },
): Promise<void> {
  const hosts = await drawing.hosts(from, most);
  await storeHosts(queries, rollout, hosts, owns);
}

async function storeHosts(
  queries: Queries,
  rollout: string,
  hosts: NewHost[],
  owns: boolean,
): Promise<void> {
  for (const some of chunks(hosts, AT_A_TIME)) {
    await insertNewHosts(queries, rollout, some);
    if (owns) await take(queries, rollout, some);
    await nextTick();
  }
}

async function take(queries: Queries, rollout: string, hosts: NewHost[]): Promise<void> {
  const planned = hosts.filter(({ batch }) => batch !== null);
  const taken = await takeRegistered(queries, rollout, planned);
  if (taken < planned.length) await refuseOwned(queries, rollout);
}

/** Writes all hosts, each piece in a transaction of its own. Where that fails nothing is left behind. */
export async function stageInPieces(
  engine: Engine,
  rollout: string,
  drawing: Drawing,
  owns: boolean,
): Promise<void> {
  const all = drawing.planned + drawing.excluded;
  let next = drawing.hosts(0, AT_ONCE);
  for (let from = 0; from < all; from += AT_ONCE) {
    const hosts = await next;
    next = drawing.hosts(from + AT_ONCE, AT_ONCE);
    await engine.write((queries) => storeHosts(queries, rollout, hosts, owns));
  }
  await next;
}

/** Takes away what creations left behind that a crash cut off. */
export async function removeStaged(engine: Engine): Promise<void> {
  const cut = await engine.ledger.read((queries) =>
    queries
      .selectFrom('rollouts')
      .select('id')
      .where('purpose', '=', STAGING)
      .limit(1000)
      .execute(),
  );
  for (const { id } of cut) {
    await removeRollout(engine, id);
    engine.log.warn({ rollout: id }, 'a creation that was cut off was taken back');
  }
}

/** Takes a rollout that is being created back, a piece at a time. */
export async function removeRollout(engine: Engine, rollout: string): Promise<void> {
  while (await engine.write((queries) => freeSome(queries, rollout)));
  while (await engine.write((queries) => removeSome(queries, rollout)));
  await engine.write(async (queries) => {
    await queries.deleteFrom('batches').where('rollout', '=', rollout).execute();
    await queries.deleteFrom('rollout_plans').where('rollout', '=', rollout).execute();
    await queries.deleteFrom('rollouts').where('id', '=', rollout).execute();
  });
}

/** Hosts that nothing is known of but that this one wanted them are forgotten. */
async function freeSome(queries: Queries, rollout: string): Promise<boolean> {
  const owned = await queries
    .selectFrom('host_registry')
    .select('name')
    .where('owner', '=', rollout)
    .limit(AT_ONCE)
    .execute();
  for (const some of chunks(owned, AT_ONCE)) {
    const names = some.map(({ name }) => name);
    await queries
      .deleteFrom('host_registry')
      .where('owner', '=', rollout)
      .where('name', 'in', names)
      .where('epoch', '=', 0)
      .where('last_seen_at', 'is', null)
      .where('changed_by', 'is', null)
      .where('adopt', '=', 0)
      .execute();
    await queries
      .updateTable('host_registry')
      .set({ owner: null })
      .where('owner', '=', rollout)
      .where('name', 'in', names)
      .execute();
  }
  return owned.length === AT_ONCE;
}

async function removeSome(queries: Queries, rollout: string): Promise<boolean> {
  const { first } = await queries
    .selectFrom('rollout_hosts')
    .select(({ fn }) => fn.min('number').as('first'))
    .where('rollout', '=', rollout)
    .executeTakeFirstOrThrow();
  if (first === null) return false;
  for (const table of ['host_specs', 'rollout_hosts'] as const)
    await queries
      .deleteFrom(table)
      .where('rollout', '=', rollout)
      .where('number', '<', first + AT_ONCE)
      .execute();
  return true;
}
