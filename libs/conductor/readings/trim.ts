import type { Queries } from '#ledger';
import { FINAL_STATES } from '#rollout';
import type { Engine } from '../engine.ts';

const KEPT = 7 * 24 * 3_600_000;
const AT_ONCE = 10;

/** Forgets readings that nobody will ask for again; those of a kept preview stay. */
export async function trimReadings(engine: Engine): Promise<void> {
  const before = engine.clock.now() - KEPT;
  for (;;) {
    const old = await engine.ledger.read((queries) => oldReadings(queries, before));
    for (const id of old) await engine.write((queries) => forget(queries, id));
    if (old.length < AT_ONCE) return;
  }
}

async function oldReadings(queries: Queries, before: number): Promise<string[]> {
  const rows = await queries
    .selectFrom('rollouts')
    .leftJoin('plans', 'plans.reading', 'rollouts.id')
    .leftJoin('recoveries', 'recoveries.reading', 'rollouts.id')
    .select('rollouts.id')
    .where('purpose', '=', 'reading')
    .where('state', 'in', [...FINAL_STATES])
    .where('created_at', '<', before)
    .where('plans.id', 'is', null)
    .where('recoveries.reading', 'is', null)
    .limit(AT_ONCE)
    .execute();
  return rows.map(({ id }) => id);
}

const TABLES = [
  'steps',
  'host_logs',
  'claims',
  'decisions',
  'host_specs',
  'rollout_hosts',
  'batches',
  'rollout_plans',
] as const;

async function forget(queries: Queries, id: string): Promise<void> {
  for (const table of TABLES) await queries.deleteFrom(table).where('rollout', '=', id).execute();
  await queries.deleteFrom('rollouts').where('id', '=', id).execute();
}
