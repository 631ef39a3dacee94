import { inPlaces, prepared, type Queries, type Slot } from '#ledger';
import type { HostNumber } from '#rollout';
import type { Shut } from './held.ts';

/** What of a rollout can be worked on at an instant. */
export interface Look {
  queries: Queries;
  rollout: string;
  now: number;
  /** Of its hosts. */
  sites: string[];
  shut: Shut[];
  limit: number;
}

/** Hosts in a state, due, not at work and with nothing that holds them; of some batches where they are given. */
export async function dueHosts(
  look: Look,
  state: 'rolling_back' | 'lost' | 'succeeded',
  batches?: number[],
): Promise<HostNumber[]> {
  const { queries, rollout, now } = look;
  return withTrials(look, async (limit, isOpen) => {
    let query = queries
      .selectFrom('rollout_hosts')
      .select('number')
      .where('rollout', '=', rollout)
      .where('state', '=', state)
      .where('work', 'not in', ['queued', 'claimed'])
      .where(isOpen)
      .orderBy('batch')
      .orderBy('number')
      .limit(limit);
    query = state === 'succeeded' ? query.where('baked', '=', 0) : query.where('due_at', '<=', now);
    if (batches) query = query.where('batch', 'in', batches);
    return (await query.execute()).map(({ number }) => number);
  });
}

type Build = Parameters<typeof inPlaces>[0];
type IsOpen = (build: Build) => ReturnType<typeof inPlaces>;

/** Hosts that nothing holds, and of each site that is tried again one that only this holds. */
export async function withTrials<T>(
  { shut, limit }: Look,
  find: (limit: number, isOpen: IsOpen) => Promise<T[]>,
): Promise<T[]> {
  const found = await find(limit, (build) => build.not(inPlaces(build, shut)));
  for (const trial of shut.filter((each) => each.trial)) {
    const others = shut.filter((each) => each !== trial);
    const isTried: IsOpen = (build) =>
      build.and([inPlaces(build, [trial]), build.not(inPlaces(build, others))]);
    found.push(...(await find(1, isTried)));
  }
  return found;
}

/** When a host that waits becomes due, or what holds hosts is tried again. */
export async function nextDue(
  { queries, rollout, now }: Look,
  holds: (number | undefined)[],
): Promise<number | undefined> {
  const [row] = await firstDue(queries, { rollout, now });
  const known = [row?.due ?? undefined, ...holds].filter((instant) => instant !== undefined);
  return known.length > 0 ? Math.min(...known) : undefined;
}

const firstDue = prepared((queries, slot: Slot<{ rollout: string; now: number }>) =>
  queries
    .selectFrom('rollout_hosts')
    .select(({ fn }) => fn.min('due_at').as('due'))
    .where('rollout', '=', slot('rollout'))
    .where('state', 'in', ['rolling_back', 'lost'])
    .where('work', 'not in', ['queued', 'claimed'])
    .where('due_at', '>', slot('now')),
);
