import type { Actor, Recovery, RecoveryBody, RecoveryResult } from '#api';
import { GofleetError } from '#errors';
import type { Queries } from '#ledger';
import type { Engine } from '../engine.ts';
import { fromJson, toTime } from '../json.ts';
import { notFound } from '../not-found.ts';
import { getReading } from '../readings/get.ts';
import { knownHosts } from '../readings/known-hosts.ts';
import { startReading } from '../readings/start.ts';

/** Begins to read known hosts back; the ledger is corrected once all have answered or could not. */
export async function recover(
  engine: Engine,
  by: Actor,
  { hosts: wanted, note }: RecoveryBody,
): Promise<Recovery> {
  const patterns = [wanted].flat();
  const hosts = await knownHosts(engine.ledger, patterns);
  if (hosts.length === 0) throw nobody(patterns);
  const { name, token, role } = by;
  const at = engine.clock.now();
  const row = { at, who: name, token, role, note: note ?? null, result: null };
  const id = await startReading(engine, by, {
    hosts,
    also: async (queries, reading) => {
      await queries
        .insertInto('recoveries')
        .values({ ...row, reading })
        .execute();
    },
  });
  return getRecovery(engine, id);
}

/** How far a recovery is, and what it found once it has ended. Throws `not_found`. */
export async function getRecovery(engine: Engine, id: string): Promise<Recovery> {
  const { row, paused } = await engine.ledger.read(async (queries) => ({
    row: await queries
      .selectFrom('recoveries')
      .selectAll()
      .where('reading', '=', id)
      .executeTakeFirst(),
    paused: await waitingRollouts(queries),
  }));
  if (!row) throw notFound('recovery', id, 'Start another one: gofleet recover.');
  const { counts } = await getReading(engine, id, { limit: 1 });
  const result = fromJson<RecoveryResult>(row.result) ?? null;
  const state = result ? 'done' : 'running';
  return { id, state, at: toTime(row.at), who: row.who, counts, result, paused };
}

/** Rollouts that were paused because the ledger was restored. */
async function waitingRollouts(queries: Queries): Promise<Recovery['paused']> {
  return queries
    .selectFrom('rollouts')
    .select(['id', 'name'])
    .where('state', '=', 'paused')
    .where('reason', 'like', '{"code":"recovered"%')
    .orderBy('id')
    .limit(1000)
    .execute();
}

function nobody(patterns: string[]): GofleetError {
  const message = `no known host matches ${patterns.slice(0, 5).join(', ')}`;
  return new GofleetError('no_hosts', message, {
    remedy: 'A host is known once a rollout has had it; look at GET /v1/fleet for the names.',
    errors: [{ path: 'hosts', message }],
  });
}
