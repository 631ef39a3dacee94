import type { Outcome } from '#api';
import type { HostRow as LedgerHost, Queries } from '#ledger';
import { tell } from '../events/tell.ts';
import { takeBackQueued } from './take-back.ts';

/** Stands in `holds` after the first refusal, and holds nothing. */
const REFUSED_ONCE = 'auth';

/**
 * The login itself was refused, or the password for sudo: a wrong one locks the account just as well. Where sudo takes no
 * password nothing can be locked.
 */
export async function wasRefused(
  queries: Queries,
  { rollout, number }: LedgerHost,
  { code }: Outcome,
): Promise<boolean> {
  if (code !== 'sudo') return code === 'auth';
  const spec = await queries
    .selectFrom('host_specs')
    .select('connection')
    .where('rollout', '=', rollout)
    .where('number', '=', number)
    .executeTakeFirst();
  const { becomePassword } = JSON.parse(spec?.connection ?? '{}') as { becomePassword?: string };
  return becomePassword !== undefined;
}

/** The login worked, whatever came then: facts were read. */
export function isWorked({ state, before, after }: Outcome): boolean {
  const read = [before, after].some((facts) => facts !== undefined && facts !== null);
  return read || state === 'succeeded' || state === 'rolled_back';
}

/** The second refusal in a row holds the credential, until a person says that it is to go on; somebody is told. */
export async function noteRefusal(
  queries: Queries,
  host: LedgerHost,
  { code, message }: Outcome,
  now: number,
): Promise<void> {
  const { rollout, batch, name, site, credential } = host;
  if (credential === '') return;
  const before = await queries
    .selectFrom('holds')
    .select('code')
    .where('site', '=', site)
    .where('credential', '=', credential)
    .executeTakeFirst();
  if (before?.code === 'auth_held') return;
  const why = `two hosts in a row refused the login with ${credential}, ${name} last: ${message ?? code}`;
  const hold = before
    ? { code: 'auth_held', until: null, message: why }
    : { code: REFUSED_ONCE, until: now, message: `${name} refused the login` };
  await queries
    .insertInto('holds')
    .values({ site, credential, since: now, rollout, ...hold })
    .onConflict((conflict) => conflict.columns(['site', 'credential']).doUpdateSet(hold))
    .execute();
  if (!before) return;
  await takeBackQueued(queries, { site, credential });
  const details = { code: 'auth_held', cause: code ?? null, site, credential, message: why };
  await tell(queries, now, { type: 'alert', rollout, batch, host: name, details });
}
