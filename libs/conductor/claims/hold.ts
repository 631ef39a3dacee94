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
    .insertInto('site_holds')
    .values({ site, ...hold })
    .onConflict((conflict) => conflict.column('site').doUpdateSet(hold))
    .execute();
  const details = { code: hold.code, cause: code ?? null, site, message: why };
  await tell(queries, now, { type: 'alert', rollout, batch, host: name, details });
}
