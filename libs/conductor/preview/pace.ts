import type { Queries } from '#ledger';
import { formatDuration, type Milliseconds } from '#units';

/** How long a host takes, and where that is known from. */
export interface HostPace {
  host: Milliseconds;
  assumption: string;
}

/** Where nothing is known yet. */
const GUESS = 30_000;
const ROLLOUTS = 5;
const HOSTS = 1000;

/** The median of hosts that earlier rollouts with the same playbook changed; else of any; else a guess. */
export async function paceOf(queries: Queries, playbook: string): Promise<HostPace> {
  const ids = (await latest(queries, playbook)) ?? (await latest(queries));
  const times = ids ? await timesOf(queries, ids.rollouts) : [];
  if (!ids || times.length === 0) {
    const assumption = `a host takes ${formatDuration(GUESS)}: no earlier rollout tells`;
    return { host: GUESS, assumption };
  }
  const host = times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? GUESS;
  const whose = ids.same ? `earlier rollouts of ${playbook}` : 'earlier rollouts';
  const shown = formatDuration(Math.max(1000, Math.round(host / 1000) * 1000));
  return { host, assumption: `a host takes ${shown}: the median of ${times.length} in ${whose}` };
}

async function latest(queries: Queries, playbook?: string) {
  let query = queries
    .selectFrom('rollouts')
    .select('id')
    .where('purpose', '=', 'rollout')
    .where('started_at', 'is not', null)
    .orderBy('id', 'desc')
    .limit(ROLLOUTS);
  if (playbook !== undefined) query = query.where('playbook', '=', playbook);
  const rows = await query.execute();
  if (rows.length === 0) return undefined;
  return { rollouts: rows.map(({ id }) => id), same: playbook !== undefined };
}

async function timesOf(queries: Queries, rollouts: string[]): Promise<Milliseconds[]> {
  const rows = await queries
    .selectFrom('rollout_hosts')
    .select(['started_at', 'ended_at'])
    .where('rollout', 'in', rollouts)
    .where('state', '=', 'succeeded')
    .where('unchanged', '=', 0)
    .where('started_at', 'is not', null)
    .where('ended_at', 'is not', null)
    .limit(HOSTS)
    .execute();
  return rows.map(({ started_at: start, ended_at: end }) => Math.max(0, (end ?? 0) - (start ?? 0)));
}
