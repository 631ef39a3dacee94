import type { Queries } from '#ledger';
import type { RolloutView } from '#rollout';

/** What hosts of a rollout that is about to take them belong to now; undefined where it can have them all. */
export async function loadConflict(
  queries: Queries,
  { id, state, owned, strategy }: RolloutView,
  now: number,
): Promise<RolloutView['conflict']> {
  const starts = state === 'scheduled' && (strategy.startAt ?? 0) <= now;
  if (owned || !(starts || state === 'paused')) return undefined;
  const [first] = await queries
    .selectFrom('rollout_hosts')
    .innerJoin('host_registry', (join) =>
      join
        .onRef('host_registry.name', '=', 'rollout_hosts.name')
        .onRef('host_registry.site', '=', 'rollout_hosts.site'),
    )
    .innerJoin('rollouts', 'rollouts.id', 'host_registry.owner')
    .select(({ fn }) => ['rollouts.id', 'rollouts.state', fn.countAll<number>().as('hosts')])
    .where('rollout_hosts.rollout', '=', id)
    .where('rollout_hosts.batch', 'is not', null)
    .where('rollouts.id', '<>', id)
    .groupBy(['rollouts.id', 'rollouts.state'])
    .orderBy('hosts', 'desc')
    .execute();
  return first && { hosts: first.hosts, rollout: first.id, ending: false };
}
