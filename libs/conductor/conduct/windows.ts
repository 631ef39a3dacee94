import { windowAt, type BatchView, type RolloutView } from '#rollout';
import { inPlaces } from '#ledger';
import type { Look } from './due-hosts.ts';

interface Asked {
  view: RolloutView;
  batch: BatchView | undefined;
  /** The plan's. */
  zone: string | undefined;
}

/** Windows as they are for the hosts that wait; `zones`: those in which hosts may start now, undefined: in all. */
export interface Windows {
  window: RolloutView['window'];
  zones: string[] | undefined;
}

/**
 * Whether the hosts of the present batch that wait may start now by the windows of the plan. A wait that a person
 * ended is none.
 */
export async function loadWindows(look: Look, { view, batch, zone }: Asked): Promise<Windows> {
  const { windows, hostTimeout } = view.strategy;
  if (windows.length === 0) return { window: undefined, zones: undefined };
  const waived = (view.windowWaivedUntil ?? 0) > look.now;
  if (waived || !batch) return { window: { shut: false, opensAt: undefined }, zones: undefined };
  const each = (await zonesOf(look, batch)).map((hostZone) => ({
    zone: hostZone,
    ...windowAt(
      windows,
      { planZone: zone, hostZone: hostZone === '' ? undefined : hostZone },
      look.now,
      hostTimeout,
    ),
  }));
  const shut = each.length > 0 && each.every(({ open }) => !open);
  const opens = each.flatMap(({ open, opensAt }) => (open ? [] : (opensAt ?? [])));
  return {
    window: { shut, opensAt: opens.length > 0 ? Math.min(...opens) : undefined },
    zones: each.filter(({ open }) => open).map((known) => known.zone),
  };
}

/** The time zones of the hosts of a batch that wait and that nothing else holds; '' is that of the plan. */
async function zonesOf({ queries, rollout, shut }: Look, batch: BatchView): Promise<string[]> {
  let query = queries
    .selectFrom('rollout_hosts')
    .select((build) => build.fn.coalesce(build.ref('zone'), build.val('')).as('zone'))
    .distinct()
    .where('rollout', '=', rollout)
    .where('state', '=', 'pending')
    .where('batch', '=', batch.number)
    .where('work', 'not in', ['queued', 'claimed'])
    .limit(1000);
  if (shut.length > 0) query = query.where((build) => build.not(inPlaces(build, shut)));
  return (await query.execute()).map((row) => row.zone);
}
