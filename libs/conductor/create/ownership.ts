import { setImmediate as nextTick } from 'node:timers/promises';
import { GofleetError } from '#errors';
import type { Queries } from '#ledger';
import type { RolloutState } from '#rollout';

/** Registry rows taken over by one statement. */
const TURN = 1000;
const SHOWN = 100;

/** Gives the planned hosts of a rollout to it. Throws `lock_conflict` where one belongs to another. */
export async function takeHosts(queries: Queries, rollout: string): Promise<void> {
  await refuseOwned(queries, rollout);
  const { last } = await queries
    .selectFrom('rollout_hosts')
    .select(({ fn }) => fn.max('number').as('last'))
    .where('rollout', '=', rollout)
    .executeTakeFirstOrThrow();
  for (let from = 0; from <= (last ?? -1); from += TURN) {
    await queries
      .insertInto('host_registry')
      .columns(['name', 'site', 'epoch', 'owner', 'adopt'])
      .expression((build) =>
        build
          .selectFrom('rollout_hosts')
          .select((row) => [
            'name',
            'site',
            row.val(0).as('epoch'),
            row.val(rollout).as('owner'),
            row.val(0).as('adopt'),
          ])
          .where('rollout', '=', rollout)
          .where('number', '>=', from)
          .where('number', '<', from + TURN)
          .where('batch', 'is not', null),
      )
      .onConflict((conflict) => conflict.columns(['name', 'site']).doUpdateSet({ owner: rollout }))
      .execute();
    await nextTick();
  }
}

/** Hosts are free again once their rollout is final. */
export async function freeHosts(queries: Queries, rollout: string): Promise<void> {
  await queries
    .updateTable('host_registry')
    .set({ owner: null })
    .where('owner', '=', rollout)
    .execute();
}

/** Throws `lock_conflict`, naming the first hosts that belong to others. */
export async function refuseOwned(queries: Queries, rollout: string): Promise<void> {
  const owned = await queries
    .selectFrom('rollout_hosts')
    .innerJoin('host_registry', (join) =>
      join
        .onRef('host_registry.name', '=', 'rollout_hosts.name')
        .onRef('host_registry.site', '=', 'rollout_hosts.site'),
    )
    .innerJoin('rollouts', 'rollouts.id', 'host_registry.owner')
    .select([
      'rollout_hosts.name as host',
      'rollouts.id as rollout',
      'rollouts.state as state',
      'rollouts.requester as requester',
      'rollouts.purpose as purpose',
    ])
    .where('rollout_hosts.rollout', '=', rollout)
    .where('rollout_hosts.batch', 'is not', null)
    .where('rollouts.id', '<>', rollout)
    .orderBy('rollout_hosts.number')
    .limit(SHOWN)
    .execute();
  if (owned.length === 0) return;
  throw lockConflict(
    owned.map(({ purpose, ...each }) =>
      purpose === 'staging' ? { ...each, state: 'being created' } : each,
    ),
  );
}

interface Owned {
  host: string;
  rollout: string;
  state: string;
  requester: string;
}

function lockConflict(owned: Owned[]): GofleetError {
  const [first] = owned;
  const names = owned.slice(0, 5).map(({ host }) => host);
  const more = owned.length > names.length ? `, and ${owned.length - names.length} more` : '';
  const message =
    `${names.join(', ')}${more}: belongs to rollout ${first?.rollout} ` +
    `(${first?.state}, started by ${first?.requester})`;
  const rollouts = new Map(
    owned.map(({ rollout, state, requester }) => [rollout, { id: rollout, state, requester }]),
  );
  return new GofleetError('lock_conflict', message, {
    remedy: `Wait for its end, or abort it: gofleet rollout abort ${first?.rollout}`,
    details: {
      hosts: owned.map(({ host, rollout }) => ({ host, rollout })),
      rollouts: [...rollouts.values()],
    },
  });
}

/** The rollouts that planned hosts of a rollout belong to, without itself, those with the most hosts first. */
export async function ownersOf(
  queries: Queries,
  rollout: string,
): Promise<{ id: string; state: RolloutState; hosts: number }[]> {
  const rows = await queries
    .selectFrom('rollout_hosts')
    .innerJoin('host_registry', (join) =>
      join
        .onRef('host_registry.name', '=', 'rollout_hosts.name')
        .onRef('host_registry.site', '=', 'rollout_hosts.site'),
    )
    .innerJoin('rollouts', 'rollouts.id', 'host_registry.owner')
    .select(({ fn }) => ['rollouts.id', 'rollouts.state', fn.countAll<number>().as('hosts')])
    .where('rollout_hosts.rollout', '=', rollout)
    .where('rollout_hosts.batch', 'is not', null)
    .where('rollouts.id', '<>', rollout)
    .groupBy(['rollouts.id', 'rollouts.state'])
    .orderBy('hosts', 'desc')
    .limit(100)
    .execute();
  return rows.map((row) => ({ ...row, state: row.state as RolloutState }));
}
