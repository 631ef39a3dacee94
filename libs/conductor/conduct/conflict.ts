import { ownersOf } from '../create/ownership.ts';
import type { Queries } from '#ledger';
import type { RolloutState, RolloutView } from '#rollout';

/** States from which a rollout ends because another supersedes it. */
const SUPERSEDABLE: RolloutState[] = ['running', 'paused', 'pending_approval', 'aborting'];

/**
 * What hosts of a rollout that is about to take them belong to now; undefined where it can have them all. What it
 * supersedes is on its way out, unless something else keeps this one from starting.
 */
export async function loadConflict(
  queries: Queries,
  view: RolloutView,
  now: number,
): Promise<RolloutView['conflict']> {
  const starts = view.state === 'scheduled' && (view.strategy.startAt ?? 0) <= now;
  if (view.owned || !(starts || view.state === 'paused')) return undefined;
  const owners = await ownersOf(queries, view.id);
  if (owners.length === 0) return undefined;
  const superseded = await supersededBy(queries, view.id);
  const ends = ({ id, state }: (typeof owners)[number]) =>
    id === superseded && SUPERSEDABLE.includes(state);
  const [first] = owners.toSorted((a, b) => Number(ends(a)) - Number(ends(b)));
  if (!first) return undefined;
  const { id: rollout, hosts } = first;
  if (!ends(first)) return { hosts, rollout, ending: false };
  return isKept(view, now) ? undefined : { hosts, rollout, ending: starts };
}

/** The rollout whose hosts it takes over. */
export async function supersededBy(queries: Queries, rollout: string): Promise<string | null> {
  const { supersedes } = await queries
    .selectFrom('rollouts')
    .select('supersedes')
    .where('id', '=', rollout)
    .executeTakeFirstOrThrow();
  return supersedes;
}

/** Frozen, without its bundle, or too late to start by itself: nothing is ended for its sake. */
function isKept({ bundle, freeze, reason, state, strategy }: RolloutView, now: number): boolean {
  if (state !== 'scheduled') return false;
  const late = now - (strategy.startAt ?? now) > strategy.startWithin;
  return freeze !== undefined || bundle !== undefined || (late && reason?.code !== 'superseded');
}
