import type { Actor, Quarantine, QuarantineBody } from '#api';
import type { Queries } from '#ledger';
import { FINAL_STATES, stay } from '#rollout';
import { audit } from '../access/audit.ts';
import { carryOut } from '../conduct/carry-out.ts';
import { loadStill } from '../conduct/view.ts';
import type { Engine } from '../engine.ts';
import { toJson, toTime } from '../json.ts';
import { notFound } from '../not-found.ts';

/** Keeps rollouts away from a host, by its inventory name: where it has not started yet it is skipped at once. */
export async function quarantine(
  engine: Engine,
  by: Actor,
  host: string,
  { note }: QuarantineBody,
): Promise<Quarantine> {
  const at = engine.clock.now();
  const skippedIn = await engine.write(async (queries) => {
    const row = { at, who: by.name, note };
    const before = await queries
      .selectFrom('quarantine')
      .select(['host', 'who', 'note'])
      .where('host', '=', host)
      .executeTakeFirst();
    await queries
      .insertInto('quarantine')
      .values({ host, ...row })
      .onConflict((conflict) => conflict.column('host').doUpdateSet(row))
      .execute();
    const waiting = await waitingIn(queries, host);
    for (const each of waiting) await skipWaiting(engine, queries, { by, host, note, ...each });
    const rollouts = waiting.map(({ rollout }) => rollout);
    const after = { host, quarantined: true, skippedIn: rollouts };
    await audit(queries, at, {
      by,
      verb: 'quarantine',
      note,
      before: before ?? { host, quarantined: false },
      after,
    });
    return rollouts;
  });
  for (const rollout of skippedIn) engine.wake(rollout);
  return { host, at: toTime(at), who: by.name, note, skippedIn };
}

/** Rollouts may plan it again; where it was skipped it stays so. Throws `not_found` where it is in none. */
export async function release(engine: Engine, by: Actor, host: string): Promise<void> {
  await engine.write(async (queries) => {
    const [row] = await queries
      .deleteFrom('quarantine')
      .where('host', '=', host)
      .returningAll()
      .execute();
    if (!row) throw notFound('quarantine', host, 'Look at `gofleet fleet list --quarantined`.');
    const before = { host, who: row.who, note: row.note };
    const after = { host, quarantined: false };
    await audit(queries, engine.clock.now(), { by, verb: 'release', before, after });
  });
}

interface Waiting {
  rollout: string;
  number: number;
}

async function waitingIn(queries: Queries, host: string): Promise<Waiting[]> {
  return queries
    .selectFrom('rollout_hosts')
    .innerJoin('rollouts', 'rollouts.id', 'rollout_hosts.rollout')
    .select(['rollout_hosts.rollout', 'rollout_hosts.number'])
    .where('rollout_hosts.name', '=', host)
    .where('rollout_hosts.batch', 'is not', null)
    .where('rollout_hosts.state', 'in', ['pending', 'queued'])
    .where('rollouts.state', 'not in', [...FINAL_STATES])
    .where('rollouts.purpose', '=', 'rollout')
    .execute();
}

async function skipWaiting(
  engine: Engine,
  queries: Queries,
  { by, host, note, rollout, number }: Waiting & { by: Actor; host: string; note: string },
): Promise<void> {
  const view = await loadStill(engine, queries, rollout);
  const select = { numbers: [number], states: ['pending' as const, 'queued' as const] };
  const change = {
    ...stay(view),
    hosts: [{ select, set: 'skip' as const }],
  };
  await carryOut(engine, queries, view, change, {
    kind: 'quarantine',
    by: by.name,
    tagged: true,
  });
  const why = { code: 'operator', message: `${host} was quarantined by ${by.name}: ${note}` };
  await queries
    .updateTable('rollout_hosts')
    .set({ reason: toJson(why) })
    .where('rollout', '=', rollout)
    .where('number', '=', number)
    .execute();
}
