import type { Engine } from '../engine.ts';

const KEPT = 7 * 24 * 3_600_000;

/** Forgets plans that nobody made a rollout of for long; their readings may go then. */
export async function trimPlans(engine: Engine): Promise<void> {
  const before = engine.clock.now() - KEPT;
  await engine.write((queries) => queries.deleteFrom('plans').where('at', '<', before).execute());
}
