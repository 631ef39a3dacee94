import { findRow, prepared, type Queries, type Slot } from '#ledger';
import { SILENCE } from './constants.ts';

export interface Beat {
  worker: string;
  site: string;
  release?: string;
  open: boolean;
  now: number;
}

/** Of a worker that was heard of a moment ago nothing is written: its leases have just been renewed too, for so much longer. */
export const NOTED_EVERY = 1000;

/**
 * Notes that a worker was heard of. `first`: its site had nobody before; `known`: it was heard of less than a second
 * ago and nothing was written.
 */
export async function noteBeat(
  queries: Queries,
  beat: Beat,
  every = NOTED_EVERY,
): Promise<'first' | 'noted' | 'known'> {
  const { worker, site, release, open, now } = beat;
  const found = await findRow(queries, 'workers', { id: worker });
  const age = found ? now - found.last_beat : undefined;
  const isAsNoted = found?.open === Number(open) && found.release === (release ?? found.release);
  if (isAsNoted && age !== undefined && age >= 0 && age < every) return 'known';
  const before = await liveSites(queries, now);
  await queries
    .insertInto('workers')
    .values({
      id: worker,
      site,
      release: release ?? '',
      open: Number(open),
      first_beat: now,
      last_beat: now,
    })
    .onConflict((conflict) =>
      conflict.column('id').doUpdateSet({
        last_beat: now,
        open: Number(open),
        ...(release !== undefined && { release }),
      }),
    )
    .execute();
  return open && !before.includes(site) ? 'first' : 'noted';
}

/** Sites with a worker that was heard of lately and takes claims. */
export async function liveSites(queries: Queries, now: number): Promise<string[]> {
  const rows = await sitesHeard(queries, { since: now - SILENCE });
  return rows.map(({ site }) => site);
}

const sitesHeard = prepared((queries, slot: Slot<{ since: number }>) =>
  queries
    .selectFrom('workers')
    .select('site')
    .distinct()
    .where('open', '=', 1)
    .where('last_beat', '>', slot('since'))
    .limit(1000),
);

/** How many workers take claims now: over all sites, and at one of them; at least one each. */
export async function liveWorkers(
  queries: Queries,
  { site, now }: { site: string; now: number },
): Promise<{ all: number; atSite: number }> {
  const rows = await queries
    .selectFrom('workers')
    .select('site')
    .where('open', '=', 1)
    .where('last_beat', '>', now - SILENCE)
    .limit(1000)
    .execute();
  const atSite = rows.filter((row) => row.site === site).length;
  return { all: Math.max(1, rows.length), atSite: Math.max(1, atSite) };
}

export interface Hold {
  site: string;
  /** Empty: the whole site. */
  credential: string;
  /** Undefined: until a person says that it is to go on. */
  until: number | undefined;
  code: string;
  message: string;
}

/** Sites and credentials with which nothing is dispatched, because of a fault of our own. */
export async function loadHolds(queries: Queries, now: number): Promise<Hold[]> {
  const rows = await queries
    .selectFrom('holds')
    .select(['site', 'credential', 'until', 'code', 'message'])
    .where((where) => where.or([where('until', 'is', null), where('until', '>', now)]))
    .limit(1000)
    .execute();
  return rows.map(({ until, ...hold }) => ({ ...hold, until: until ?? undefined }));
}
