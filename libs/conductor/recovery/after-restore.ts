import type { Queries } from '#ledger';
import { FINAL_STATES, type Change } from '#rollout';
import { audit } from '../access/audit.ts';
import { lostBundles } from '../bundles/lost.ts';
import { IDLE } from '../claims/host-row.ts';
import { carryOut } from '../conduct/carry-out.ts';
import { loadStill } from '../conduct/view.ts';
import type { Engine } from '../engine.ts';
import { tell } from '../events/tell.ts';

/**
 * Before anything moves on a ledger that was restored: what it says of hosts may long be untrue. Every rollout that was
 * not final is paused, nobody works on a host any more, and somebody is told. Once for each restore; true then.
 */
export async function noteRestore(engine: Engine): Promise<boolean> {
  return engine.write(async (queries) => {
    const restored = await queries
      .selectFrom('restores')
      .selectAll()
      .where('noted_at', 'is', null)
      .executeTakeFirst();
    if (!restored) return false;
    const now = engine.clock.now();
    await endReadings(queries, now);
    const rollouts = await openRollouts(queries);
    for (const { id, state } of rollouts) await halt(engine, queries, { id, state, now });
    await queries.deleteFrom('workers').execute();
    await queries.deleteFrom('holds').where('until', 'is not', null).execute();
    await queries.updateTable('restores').set({ noted_at: now }).execute();
    const { who, backed_up_at: backedUpAt, kept } = restored;
    const lost = await lostBundles(engine, queries);
    const after = { backedUpAt, kept, rollouts: rollouts.length, lostBundles: lost };
    const by = { token: 'restore', name: who, role: 'admin' as const, site: null };
    await audit(queries, now, { by, verb: 'restore', after });
    await tell(queries, now, {
      type: 'alert',
      rollout: null,
      details: { code: 'recovered', message: messageOf(after), ...after },
    });
    engine.log.warn(after, 'the ledger was restored; rollouts wait for a person');
    return true;
  });
}

interface Restored {
  backedUpAt: number | null;
  rollouts: number;
  lostBundles: string[];
}

function messageOf({ backedUpAt, rollouts, lostBundles: lost }: Restored): string {
  const from = backedUpAt === null ? 'a copy' : `a backup of ${new Date(backedUpAt).toISOString()}`;
  const blobs = `; blobs of ${lost.slice(0, 5).join(', ')} are not in the store: import them again`;
  return (
    `the ledger was restored from ${from}: ${rollouts} rollouts wait for \`gofleet recover\` and a resume, ` +
    `and tokens that were revoked since are valid again${lost.length > 0 ? blobs : ''}`
  );
}

async function openRollouts(queries: Queries): Promise<{ id: string; state: string }[]> {
  return queries
    .selectFrom('rollouts')
    .select(['id', 'state'])
    .where('purpose', '=', 'rollout')
    .where('state', 'not in', [...FINAL_STATES])
    .orderBy('id')
    .limit(1000)
    .execute();
}

/** Whoever asked has to ask again. */
async function endReadings(queries: Queries, now: number): Promise<void> {
  await queries
    .updateTable('rollouts')
    .set({ state: 'aborted', finished_at: now })
    .where('purpose', '=', 'reading')
    .where('state', 'not in', [...FINAL_STATES])
    .execute();
  await queries
    .updateTable('rollout_hosts')
    .set({ ...IDLE, state: 'cancelled' })
    .where('state', 'in', ['pending', 'queued', 'running'])
    .where('rollout', 'in', (build) =>
      build.selectFrom('rollouts').select('id').where('purpose', '=', 'reading'),
    )
    .execute();
}

interface Halted {
  id: string;
  state: string;
  now: number;
}

/** One that still waits for its first approval goes on waiting: it is asked for anew, and nothing moves without it. */
async function halt(engine: Engine, queries: Queries, { id, state, now }: Halted): Promise<void> {
  await endWork(queries, id, now);
  await stopClocks(queries, id);
  const view = await loadStill(engine, queries, id);
  const asked = view.approval;
  const waits = state === 'pending_approval' && asked !== undefined && asked.batch === undefined;
  const change: Change = {
    state: waits ? 'pending_approval' : 'paused',
    reason: { code: 'recovered', message: 'the ledger was restored from a backup' },
    batches: [],
    hosts: [{ select: { states: ['rolling_back'] }, set: 'stopRollBack' }],
    answered: false,
    rollback: undefined,
    abort: undefined,
    approval: waits ? { ...asked, askedAt: now, by: [] } : 'none',
  };
  await carryOut(engine, queries, view, change, { kind: 'pause', tagged: true });
}

/** Claims have ended without a word; one that does come, with the newest epoch, is still listened to. */
async function endWork(queries: Queries, rollout: string, now: number): Promise<void> {
  await queries
    .updateTable('claims')
    .set({ ended_at: now, outcome: 'expired' })
    .where('rollout', '=', rollout)
    .where('ended_at', 'is', null)
    .execute();
  await queries
    .updateTable('rollout_hosts')
    .set({ state: 'pending' })
    .where('rollout', '=', rollout)
    .where('state', 'in', ['queued', 'running'])
    .execute();
  // Lost hosts are looked at again once a recovery has read them, or a person retries them.
  await queries
    .updateTable('rollout_hosts')
    .set({ ...IDLE, due_at: null, roll_back_after: 0 })
    .where('rollout', '=', rollout)
    .execute();
}

/** How long it was at work between the backup and now is not known. */
async function stopClocks(queries: Queries, rollout: string): Promise<void> {
  await queries
    .updateTable('batches')
    .set({ worked_since: null })
    .where('rollout', '=', rollout)
    .execute();
  await queries
    .updateTable('rollouts')
    .set({ worked_since: null })
    .where('id', '=', rollout)
    .execute();
}
