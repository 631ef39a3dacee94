import type { Engine } from '../engine.ts';
import { trimPlans } from '../preview/trim.ts';
import { trimReadings } from '../readings/trim.ts';

/** Events that are kept, over all rollouts. */
const EVENTS = 500_000;
const AT_ONCE = 5000;
const WORKERS_KEPT = 24 * 3_600_000;
const NOTIFICATIONS_KEPT = 30 * 24 * 3_600_000;

/** Forgets what is past its retention, a part at a time. */
export async function trim(engine: Engine): Promise<void> {
  const now = engine.clock.now();
  await engine.write(async (queries) => {
    await queries
      .deleteFrom('workers')
      .where('last_beat', '<', now - WORKERS_KEPT)
      .execute();
    await queries
      .deleteFrom('holds')
      .where('until', '<', now - WORKERS_KEPT)
      .execute();
    await queries
      .deleteFrom('notifications')
      .where('ended_at', '<', now - NOTIFICATIONS_KEPT)
      .execute();
  });
  await trimPlans(engine);
  await trimReadings(engine);
  while ((await trimEvents(engine)) === AT_ONCE);
}

async function trimEvents(engine: Engine): Promise<number> {
  return engine.write(async (queries) => {
    const { first, last } = await queries
      .selectFrom('events')
      .select(({ fn }) => [fn.min('id').as('first'), fn.max('id').as('last')])
      .executeTakeFirstOrThrow();
    const surplus = Math.min(AT_ONCE, (last ?? 0) - (first ?? 0) + 1 - EVENTS);
    if (surplus <= 0) return 0;
    await queries
      .deleteFrom('events')
      .where('id', '<', (first ?? 0) + surplus)
      .execute();
    return surplus;
  });
}
