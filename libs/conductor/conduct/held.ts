import { inPlaces, type Place, type Queries } from '#ledger';
import type { Reason, RolloutView } from '#rollout';
import { heldOf } from '../claims/hold.ts';
import { liveSites } from '../claims/workers.ts';
import type { Look } from './due-hosts.ts';

/** What cannot be worked on now: a whole site (`credential` is empty), or one credential at it. */
export interface Shut extends Place {
  reason: Reason;
  /** Undefined where that is not known. */
  until: number | undefined;
  /** One host may be dispatched all the same, to see whether it is over. */
  trial: boolean;
}

/** Sites without a worker, and what is held because of a fault of our own. */
export async function shutPlaces(queries: Queries, sites: string[], now: number): Promise<Shut[]> {
  const live = new Set(await liveSites(queries, now));
  const holds = await heldOf(queries, sites, now);
  return [
    ...sites
      .filter((site) => !live.has(site))
      .map((site) => ({
        site,
        credential: '',
        reason: noWorker(site),
        until: undefined,
        trial: false,
      })),
    ...holds
      .filter(({ site }) => live.has(site))
      .map(({ site, credential, code, message, until, trial }) => ({
        site,
        credential,
        until,
        trial,
        reason: {
          code,
          message: credential === '' ? `site ${site} is held: ${message}` : message,
        },
      })),
  ];
}

function noWorker(site: string): Reason {
  return { code: 'no_worker', message: `no worker of the site ${site} was heard of lately` };
}

/** Hosts that would be worked on if nothing held them, by what holds them. */
export async function heldHosts(
  { queries, rollout, shut }: Look,
  batch: number | undefined,
): Promise<(RolloutView['held'][number] & { until: number | undefined })[]> {
  const held = [];
  for (const { site, credential, reason, until } of shut) {
    const row = await queries
      .selectFrom('rollout_hosts')
      .select(({ fn }) => fn.countAll<number>().as('hosts'))
      .where('rollout', '=', rollout)
      .where('work', 'not in', ['queued', 'claimed'])
      .where((build) => inPlaces(build, [{ site, credential }]))
      .where((where) =>
        where.or([
          where('state', '=', 'rolling_back'),
          where.and([where('state', '=', 'pending'), where('batch', '=', batch ?? -1)]),
        ]),
      )
      .executeTakeFirstOrThrow();
    if (row.hosts > 0) held.push({ site, reason, hosts: row.hosts, until });
  }
  return held;
}
