import type { Engine } from '../engine.ts';
import { retainBundles } from '../bundles/retain.ts';
import { trimEvents } from '../events/trim.ts';
import { trimPlans } from '../preview/trim.ts';
import { trimReadings } from '../readings/trim.ts';

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
  await retainBundles(engine);
  await trimEvents(engine);
}
