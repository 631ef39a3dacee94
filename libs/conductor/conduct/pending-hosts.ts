import { isDoubtful } from '#ledger';
import type { BatchView, NextHost, RolloutView } from '#rollout';
import { withTrials, type Look } from './due-hosts.ts';

interface Wanted {
  view: RolloutView;
  batch: BatchView;
  /** Zones of which a window is open; undefined: all. */
  zones: string[] | undefined;
  work: Pick<RolloutView, 'domainsAtWork'>;
}

/** Hosts of a batch that wait and may start: retried first, then those whose lease ran out, then by number. */
export async function pendingHosts(
  look: Look,
  { view, batch, zones, work }: Wanted,
): Promise<(NextHost & { retried: boolean })[]> {
  const { queries, rollout } = look;
  const { domains } = view.strategy;
  const full = Object.keys(domains).filter(
    (domain) => (work.domainsAtWork[domain] ?? 0) >= (domains[domain] ?? Infinity),
  );
  const rows = await withTrials(look, (limit, isOpen) => {
    let query = queries
      .selectFrom('rollout_hosts')
      .select((build) => [
        'number',
        'retried',
        'domain',
        build.case().when(isDoubtful(build)).then(1).else(0).end().as('doubtful'),
      ])
      .where('rollout', '=', rollout)
      .where('state', '=', 'pending')
      .where('batch', '=', batch.number)
      .where('work', 'not in', ['queued', 'claimed'])
      .where(isOpen)
      .orderBy('retried', 'desc')
      .orderBy('doubtful', 'desc')
      .orderBy('number')
      .limit(limit);
    if (zones)
      query = query.where(
        (build) => build.fn.coalesce(build.ref('zone'), build.val('')),
        'in',
        zones,
      );
    if (full.length > 0)
      query = query.where(
        (build) => build.fn.coalesce(build.ref('domain'), build.val('')),
        'not in',
        full,
      );
    return query.execute();
  });
  return rows.toSorted(inTurn).map(({ number, retried, domain, doubtful }) => ({
    number,
    domain: domain ?? undefined,
    doubtful: doubtful === 1,
    retried: retried === 1,
  }));
}

interface Turn {
  number: number;
  retried: number;
  doubtful: number;
}

function inTurn(a: Turn, b: Turn): number {
  return b.retried - a.retried || b.doubtful - a.doubtful || a.number - b.number;
}
