import type { Invitation } from '#api';
import { updateRow, type Queries } from '#ledger';
import { chunks } from '../chunks.ts';
import type { Engine } from '../engine.ts';
import { REDELIVER_AFTER } from '../claims/constants.ts';

const AT_ONCE = 500;

interface Queued extends Invitation {
  site: string;
}

/** Sends the invitations that were stored and not sent yet. False where the queue did not answer. */
export async function sendInvitations(engine: Engine): Promise<boolean> {
  for (;;) {
    const next = await engine.ledger.read(unsent);
    if (next.length === 0) return true;
    for (const [site, some] of Map.groupBy(next, (each) => each.site)) {
      try {
        await engine.dispatch.invite(site, some.map(toInvitation));
      } catch (error) {
        engine.log.warn({ site, error, hosts: some.length }, 'inviting failed, it is tried again');
        return false;
      }
      const now = engine.clock.now();
      await engine.write((queries) => markSent(queries, some, now), engine.patience);
    }
    if (next.length < AT_ONCE) return true;
  }
}

/** Hosts that wait for a worker although the queue no longer has their invitation get another one. */
export async function redeliver(engine: Engine): Promise<void> {
  const now = engine.clock.now();
  const waiting = await engine.ledger.read((queries) => overdue(queries, now));
  for (const [site, some] of Map.groupBy(waiting, (each) => each.site)) {
    const invitations = some.map(toInvitation);
    const gone = await engine.dispatch.missing(site, invitations).catch(() => []);
    if (gone.length === 0) continue;
    engine.log.info({ site, hosts: gone.length }, 'invitations were lost, inviting again');
    await engine.write((queries) => again(queries, gone, now));
  }
  await sendInvitations(engine);
}

function toInvitation({ rollout, host, delivery }: Queued): Invitation {
  return { rollout, host, delivery };
}

async function unsent(queries: Queries): Promise<Queued[]> {
  return queued(queries).where('invited_at', 'is', null).limit(AT_ONCE).execute();
}

async function overdue(queries: Queries, now: number): Promise<Queued[]> {
  return queued(queries)
    .where('invited_at', 'is not', null)
    .where('queued_at', '<', now - REDELIVER_AFTER)
    .orderBy('queued_at')
    .limit(1000)
    .execute();
}

function queued(queries: Queries) {
  return queries
    .selectFrom('rollout_hosts')
    .select(['rollout', 'number as host', 'delivery', 'site'])
    .where('work', '=', 'queued');
}

/** Only where it is still the same delivery. */
async function markSent(queries: Queries, sent: Invitation[], now: number): Promise<void> {
  for (const { rollout, host: number, delivery } of sent)
    await updateRow(queries, 'rollout_hosts', { rollout, number, delivery }, { invited_at: now });
}

async function again(queries: Queries, gone: Invitation[], now: number): Promise<void> {
  for (const some of chunks(gone, AT_ONCE))
    for (const { rollout, host, delivery } of some)
      await queries
        .updateTable('rollout_hosts')
        .set({ delivery: delivery + 1, queued_at: now, invited_at: null })
        .where('rollout', '=', rollout)
        .where('number', '=', host)
        .where('delivery', '=', delivery)
        .where('work', '=', 'queued')
        .execute();
}
