import type { Engine } from '../engine.ts';

/** Events that are kept, over all rollouts. */
const KEPT = 500_000;
const AT_ONCE = 5000;

/** Forgets the oldest events beyond those that are kept, a part at a time. */
export async function trimEvents(engine: Pick<Engine, 'write'>, kept = KEPT): Promise<void> {
  while ((await trimSome(engine, kept)) === AT_ONCE);
}

async function trimSome(engine: Pick<Engine, 'write'>, kept: number): Promise<number> {
  return engine.write(async (queries) => {
    const { first, last } = await queries
      .selectFrom('events')
      .select(({ fn }) => [fn.min('id').as('first'), fn.max('id').as('last')])
      .executeTakeFirstOrThrow();
    const surplus = Math.min(AT_ONCE, (last ?? 0) - (first ?? 0) + 1 - kept);
    if (surplus <= 0) return 0;
    await queries
      .deleteFrom('events')
      .where('id', '<', (first ?? 0) + surplus)
      .execute();
    return surplus;
  });
}
