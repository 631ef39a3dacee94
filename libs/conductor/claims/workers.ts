import type { Queries } from '#ledger';
import { SILENCE } from './constants.ts';

export interface Beat {
  worker: string;
  site: string;
  release?: string;
  open: boolean;
  now: number;
}

/** Notes that a worker was heard of; true where its site had nobody before. */
export async function noteBeat(queries: Queries, beat: Beat): Promise<boolean> {
  const { worker, site, release, open, now } = beat;
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
  return open && !before.includes(site);
}

/** Sites with a worker that was heard of lately and takes claims. */
export async function liveSites(queries: Queries, now: number): Promise<string[]> {
  const rows = await queries
    .selectFrom('workers')
    .select('site')
    .distinct()
    .where('open', '=', 1)
    .where('last_beat', '>', now - SILENCE)
    .limit(1000)
    .execute();
  return rows.map(({ site }) => site);
}

export interface Hold {
  site: string;
  until: number;
  code: string;
  message: string;
}

/** Sites on which nothing is dispatched for a while because of a fault of our own. */
export async function heldSites(queries: Queries, now: number): Promise<Hold[]> {
  return queries
    .selectFrom('site_holds')
    .selectAll()
    .where('until', '>', now)
    .limit(1000)
    .execute();
}
