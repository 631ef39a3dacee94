import { inPlaces, type HostRow as LedgerHost, type Place, type Queries } from '#ledger';
import { storeHost, toHostRow } from './host-row.ts';

/** Invitations of these hosts are void: they wait for their turn again. */
export async function takeBack(queries: Queries, hosts: LedgerHost[]): Promise<void> {
  for (const host of hosts) {
    const before = toHostRow(host);
    const state = before.state === 'queued' ? ('pending' as const) : before.state;
    await storeHost(queries, host, { ...before, state, task: undefined });
  }
}

/** The same for all that are invited and not claimed yet, of every rollout, at a site or with one credential there. */
export async function takeBackQueued(queries: Queries, place: Place): Promise<void> {
  const found = await queries
    .selectFrom('rollout_hosts')
    .selectAll()
    .where('work', '=', 'queued')
    .where((build) => inPlaces(build, [place]))
    .limit(1000)
    .execute();
  await takeBack(queries, found);
}
