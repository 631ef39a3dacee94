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
    ...(select.signature === undefined ? [] : [build('signature', '=', select.signature)]),
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

/** How long a rollout was at work by then: deadlines of hosts are measured with it. */
export function workedBy(build: Build, rollout: string, now: number) {
  return build
    .selectFrom('rollouts')
    .select((row) => {
      const since = row(row.val(now), '-', row.ref('worked_since'));
      return row('worked', '+', row.fn.coalesce(since, row.val(0))).as('at');
    })
    .where('rollouts.id', '=', rollout);
}

/** A site, or one credential at it. */
export interface Place {
  site: string;
  /** Empty: whatever is logged in with. */
  credential: string;
}

/** Hosts in one of these places. */
export function inPlaces(build: Build, places: Place[]) {
  return build.or(
    places.map(({ site, credential }) =>
      credential === ''
        ? build('site', '=', site)
        : build.and([build('site', '=', site), build('credential', '=', credential)]),
    ),
  );
}

/** The latest claim of the host ended by its lease alone: what it ended with may still come. */
export function isDoubtful(build: Build) {
  return build.and([
    build('rollout_hosts.expiries', '>', build.lit(0)),
    build.exists(
      build
        .selectFrom('claims')
        .select('claims.epoch')
        .whereRef('claims.rollout', '=', 'rollout_hosts.rollout')
        .whereRef('claims.host', '=', 'rollout_hosts.number')
        .whereRef('claims.epoch', '=', 'rollout_hosts.epoch')
        .where('claims.outcome', '=', 'expired'),
    ),
  ]);
}

function registered(build: Build) {
  return build
    .selectFrom('host_registry')
    .select('host_registry.epoch')
    .whereRef('host_registry.name', '=', 'rollout_hosts.name')
    .whereRef('host_registry.site', '=', 'rollout_hosts.site');
}
