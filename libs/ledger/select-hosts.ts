import type { ExpressionBuilder } from 'kysely';
import type { HostSelection } from '#rollout';
import type { Tables } from './tables.ts';

type Build = ExpressionBuilder<Tables, 'rollout_hosts'>;

/** A selection of the rules as a WHERE clause; `isSelected` of the rules says the same of one row. */
export function selected(build: Build, rollout: string, select: HostSelection) {
  const { states, batches, numbers, outcomes, coveredUpTo } = select;
  return build.and([
    build('rollout', '=', rollout),
    build('batch', 'is not', null),
    ...(states ? [build('state', 'in', states)] : []),
    ...(batches ? [build('batch', 'in', batches)] : []),
    ...(numbers ? [build('number', 'in', numbers)] : []),
    ...(outcomes ? [build('outcome', 'in', outcomes)] : []),
    ...(select.changed ? [build('changed', '=', 1)] : []),
    ...(select.idle ? [build('work', 'not in', ['queued', 'claimed'])] : []),
    ...(select.counted
      ? [
          build('acknowledged', '=', 0),
          build('outcome', 'is not', null),
          build('outcome', '<>', 'succeeded'),
        ]
      : []),
    ...(coveredUpTo === undefined ? [] : [build('covered_by', '<=', coveredUpTo)]),
  ]);
}

/** Hosts that belong to another rollout now. */
export function ownedElsewhere(build: Build, rollout: string) {
  return build.exists(
    registered(build).where('host_registry.owner', 'is not', null).where('owner', '<>', rollout),
  );
}

/** Hosts that a later rollout began to change. */
export function changedElsewhere(build: Build, rollout: string) {
  return build.exists(registered(build).where('host_registry.changed_by', '<>', rollout));
}

function registered(build: Build) {
  return build
    .selectFrom('host_registry')
    .select('host_registry.epoch')
    .whereRef('host_registry.name', '=', 'rollout_hosts.name')
    .whereRef('host_registry.site', '=', 'rollout_hosts.site');
}
