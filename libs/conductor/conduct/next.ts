import type { Queries } from '#ledger';
import type { HostNumber, Reason, RolloutView } from '#rollout';
import type { Engine } from '../engine.ts';
import { heldSites, liveSites } from '../claims/workers.ts';

/** Adds what is at work, what could be dispatched, and which sites hosts wait for. */
export async function addNext(
  engine: Engine,
  queries: Queries,
  view: RolloutView,
): Promise<RolloutView> {
  const now = engine.clock.now();
  const { sites } = await engine.frozen.of(queries, view.id);
  const shut = await shutSites(queries, sites, now);
  const open = sites.filter((site) => !shut.has(site));
  const batch = view.batches.find(({ passedAt }) => passedAt === undefined)?.number;
  const limit = Math.min(view.strategy.concurrency, 1000);
  const look: Look = { queries, rollout: view.id, now, open, limit };
  const forward = batch === undefined ? [] : await pendingOf(look, batch);
  const held = await heldHosts(queries, view, batch, shut);
  return {
    ...view,
    ...(await countWork(queries, view.id)),
    next: {
      forward: forward.map(({ number }) => number),
      retries: forward.filter(({ retried }) => retried === 1).length,
      back: await due(look, 'rolling_back'),
      probe: await due(look, 'lost'),
    },
    held,
    nextDue: await nextDue(
      look,
      held.map(({ site }) => shut.get(site)?.until),
    ),
  };
}

interface Look {
  queries: Queries;
  rollout: string;
  now: number;
  /** Sites that can be worked on. */
  open: string[];
  limit: number;
}

/** Why a site cannot be worked on, and until when, where that is known. */
interface Shut {
  reason: Reason;
  until: number | undefined;
}

async function shutSites(
  queries: Queries,
  sites: string[],
  now: number,
): Promise<Map<string, Shut>> {
  const live = new Set(await liveSites(queries, now));
  const holds = await heldSites(queries, now);
  const shut = new Map<string, Shut>();
  for (const site of sites) {
    const hold = holds.find((each) => each.site === site);
    const code = hold?.code === 'auth_held' ? 'auth_held' : 'site_unavailable';
    if (!live.has(site)) shut.set(site, { reason: noWorker(site), until: undefined });
    else if (hold)
      shut.set(site, {
        reason: { code, message: `site ${site} is held: ${hold.message}` },
        until: hold.until,
      });
  }
  return shut;
}

function noWorker(site: string): Reason {
  return { code: 'no_worker', message: `no worker of the site ${site} was heard of lately` };
}

async function countWork(queries: Queries, rollout: string) {
  const rows = await queries
    .selectFrom('rollout_hosts')
    .select(({ fn }) => ['work', fn.countAll<number>().as('hosts')])
    .where('rollout', '=', rollout)
    .where('work', 'in', ['queued', 'claimed'])
    .groupBy('work')
    .execute();
  const of = (work: string) => rows.find((row) => row.work === work)?.hosts ?? 0;
  return { atWork: of('queued') + of('claimed'), running: of('claimed') };
}

async function pendingOf({ queries, rollout, open, limit }: Look, batch: number) {
  if (open.length === 0) return [];
  return queries
    .selectFrom('rollout_hosts')
    .select(['number', 'retried'])
    .where('rollout', '=', rollout)
    .where('state', '=', 'pending')
    .where('batch', '=', batch)
    .where('work', 'not in', ['queued', 'claimed'])
    .where('site', 'in', open)
    .orderBy('retried', 'desc')
    .orderBy('number')
    .limit(limit)
    .execute();
}

async function due(
  { queries, rollout, now, open, limit }: Look,
  state: 'rolling_back' | 'lost',
): Promise<HostNumber[]> {
  if (open.length === 0) return [];
  const rows = await queries
    .selectFrom('rollout_hosts')
    .select('number')
    .where('rollout', '=', rollout)
    .where('state', '=', state)
    .where('work', 'not in', ['queued', 'claimed'])
    .where('due_at', '<=', now)
    .where('site', 'in', open)
    .orderBy('batch')
    .orderBy('number')
    .limit(limit)
    .execute();
  return rows.map(({ number }) => number);
}

async function heldHosts(
  queries: Queries,
  view: RolloutView,
  batch: number | undefined,
  shut: Map<string, Shut>,
): Promise<RolloutView['held']> {
  if (shut.size === 0) return [];
  const rows = await queries
    .selectFrom('rollout_hosts')
    .select(({ fn }) => ['site', fn.countAll<number>().as('hosts')])
    .where('rollout', '=', view.id)
    .where('work', 'not in', ['queued', 'claimed'])
    .where('site', 'in', [...shut.keys()])
    .where((where) =>
      where.or([
        where('state', '=', 'rolling_back'),
        where.and([where('state', '=', 'pending'), where('batch', '=', batch ?? -1)]),
      ]),
    )
    .groupBy('site')
    .execute();
  return rows.flatMap(({ site, hosts }) => {
    const reason = shut.get(site)?.reason;
    return reason ? [{ site, hosts, reason }] : [];
  });
}

/** When a host that waits becomes due, or a site that hosts wait for is tried again. */
async function nextDue(
  { queries, rollout, now }: Look,
  holds: (number | undefined)[],
): Promise<number | undefined> {
  const row = await queries
    .selectFrom('rollout_hosts')
    .select(({ fn }) => fn.min('due_at').as('due'))
    .where('rollout', '=', rollout)
    .where('state', 'in', ['rolling_back', 'lost'])
    .where('work', 'not in', ['queued', 'claimed'])
    .where('due_at', '>', now)
    .executeTakeFirst();
  const known = [row?.due ?? undefined, ...holds].filter((instant) => instant !== undefined);
  return known.length > 0 ? Math.min(...known) : undefined;
}
