import type { Outcome } from '#api';
import type { HostRow as LedgerHost, Queries } from '#ledger';
import { tell } from '../events/tell.ts';
import { HOLD } from './constants.ts';

/** A fault on our own side: nothing is dispatched to the site for a while, and somebody is told. */
export async function holdSite(
  queries: Queries,
  { rollout, batch, name, site }: LedgerHost,
  { ownFault, code, message }: Outcome,
  now: number,
): Promise<void> {
  const why = `${name} was given back: ${message ?? code ?? ownFault}`;
  const hold = { until: now + HOLD, code: ownFault ?? 'site_unavailable', message: why };
  await queries
    .insertInto('holds')
    .values({ site, credential: '', since: now, rollout, ...hold })
    .onConflict((conflict) => conflict.columns(['site', 'credential']).doUpdateSet(hold))
    .execute();
  const details = { code: hold.code, cause: code ?? null, site, message: why };
  await tell(queries, now, { type: 'alert', rollout, batch, host: name, details });
}

/** A person says that a rollout is to go on: the credentials that it was held for are tried again. */
export async function liftHolds(queries: Queries, rollout: string): Promise<void> {
  await queries
    .deleteFrom('holds')
    .where('credential', '<>', '')
    .where((build) =>
      build.exists(
        build
          .selectFrom('rollout_hosts')
          .select('number')
          .where('rollout_hosts.rollout', '=', rollout)
          .whereRef('rollout_hosts.site', '=', 'holds.site')
          .whereRef('rollout_hosts.credential', '=', 'holds.credential'),
      ),
    )
    .execute();
}
