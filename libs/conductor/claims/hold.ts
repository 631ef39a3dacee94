import type { Outcome } from '#api';
import { prepared, type HostRow as LedgerHost, type Queries, type Slot } from '#ledger';
import { tell } from '../events/tell.ts';
import { HOLD } from './constants.ts';
import { isWorked, noteRefusal, wasRefused } from './refusals.ts';
import { takeBackQueued } from './take-back.ts';

/** How a claim ended, and when it began. */
export interface HoldCause {
  outcome: Outcome;
  startedAt: number;
  now: number;
}

/**
 * What the end of a claim says of our own side: a fault of it holds its site, refused logins hold their credential, and
 * what went well ends both.
 */
export async function noteHolds(
  queries: Queries,
  host: LedgerHost,
  { outcome, startedAt, now }: HoldCause,
): Promise<void> {
  if (outcome.ownFault === 'site_unavailable') return holdSite(queries, host, outcome, now);
  if (outcome.ownFault) return;
  if (await wasRefused(queries, host, outcome)) return noteRefusal(queries, host, outcome, now);
  for (const { credential, until } of await holdsAt(queries, { site: host.site })) {
    const tried = credential === '' && until !== null && startedAt >= until && isWord(outcome);
    if (tried) await endHold(queries, host, now);
    if (credential !== '' && credential === host.credential && isWorked(outcome))
      await forget(queries, host.site, credential);
  }
}

const holdsAt = prepared((queries, slot: Slot<{ site: string }>) =>
  queries.selectFrom('holds').select(['credential', 'until']).where('site', '=', slot('site')),
);

/** Nothing is dispatched to the site for a while, then one host; somebody is told once. */
async function holdSite(
  queries: Queries,
  host: LedgerHost,
  { code, message }: Outcome,
  now: number,
): Promise<void> {
  const { rollout, batch, name, site } = host;
  const why = `${name} was given back: ${message ?? code ?? 'no reason was told'}`;
  const hold = { until: now + HOLD, code: 'site_unavailable', message: why };
  const known = (await holdsAt(queries, { site })).some(({ credential }) => credential === '');
  await queries
    .insertInto('holds')
    .values({ site, credential: '', since: now, rollout, ...hold })
    .onConflict((conflict) => conflict.columns(['site', 'credential']).doUpdateSet(hold))
    .execute();
  if (known) return;
  await takeBackQueued(queries, { site, credential: '' });
  const details = { code: hold.code, cause: code ?? null, site, over: false, message: why };
  await tell(queries, now, { type: 'alert', rollout, batch, host: name, details });
}

/** Whether a host said anything: one that gave no answer says nothing about our side. */
function isWord({ state }: Outcome): boolean {
  return ['succeeded', 'failed', 'rolled_back', 'rollback_failed'].includes(state);
}

async function endHold(queries: Queries, host: LedgerHost, now: number): Promise<void> {
  const { rollout, batch, name, site } = host;
  await forget(queries, site, '');
  const message = `the site ${site} is worked on again: ${name} could be`;
  const details = { code: 'site_unavailable', cause: null, site, over: true, message };
  await tell(queries, now, { type: 'alert', rollout, batch, host: name, details });
}

async function forget(queries: Queries, site: string, credential: string): Promise<void> {
  await queries
    .deleteFrom('holds')
    .where('site', '=', site)
    .where('credential', '=', credential)
    .execute();
}

/** What cannot be worked on now because of a fault of our own. */
export interface Held {
  site: string;
  /** Empty: the whole site. */
  credential: string;
  code: 'site_unavailable' | 'auth_held';
  message: string;
  /** Undefined: until something happens. */
  until: number | undefined;
  /** One host may be dispatched, to see whether it is over. */
  trial: boolean;
}

/** Sites and credentials that are held; a site whose time is over is tried with one host and not with all. */
export async function heldOf(queries: Queries, sites: string[], now: number): Promise<Held[]> {
  const rows = await queries
    .selectFrom('holds')
    .select(['site', 'credential', 'until', 'code', 'message'])
    .where((where) =>
      where.or([
        where('until', 'is', null),
        where('until', '>', now),
        where('code', '=', 'site_unavailable'),
      ]),
    )
    .limit(1000)
    .execute();
  const held: Held[] = [];
  for (const { site, credential, until, code, message } of rows) {
    if (!sites.includes(site)) continue;
    const over = until !== null && until <= now;
    held.push({
      site,
      credential,
      message,
      code: code === 'auth_held' ? 'auth_held' : 'site_unavailable',
      until: over ? undefined : (until ?? undefined),
      trial: over && !(await isTried(queries, site, until)),
    });
  }
  return held;
}

/** Whether a host of the site is at work that was sent after its time was over. */
async function isTried(queries: Queries, site: string, since: number): Promise<boolean> {
  const row = await queries
    .selectFrom('rollout_hosts')
    .select('number')
    .where('work', 'in', ['queued', 'claimed'])
    .where('site', '=', site)
    .where('queued_at', '>=', since)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
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
