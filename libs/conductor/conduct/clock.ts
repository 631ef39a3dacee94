import type { Queries, RolloutRow } from '#ledger';
import { isWorkTime, type Change, type RolloutState, type RolloutView } from '#rollout';

/** States in which deadlines run on. */
const WORKING: RolloutState[] = ['running', 'rolling_back', 'aborting'];

type Columns = Pick<RolloutRow, 'worked' | 'worked_since'>;

/** The clock of a rollout with a change: what it is then, and whether it runs before and after. */
export interface Clock {
  columns: Columns;
  before: boolean;
  after: boolean;
}

/** How long a rollout was at work: deadlines of hosts are measured with it, so that they stand still with it. */
export function workClock({ worked, worked_since }: Columns, now: number): number {
  return worked + (worked_since === null ? 0 : Math.max(0, now - worked_since));
}

/** What a change of state does to it; whether it runs within a state is looked at with every step. */
export async function clockWith(
  queries: Queries,
  view: RolloutView,
  change: Change,
  now: number,
): Promise<Clock> {
  const present = await columnsOf(queries, view.id);
  const before = present.worked_since !== null;
  const begins = WORKING.includes(change.state) && !WORKING.includes(view.state);
  const after = WORKING.includes(change.state) && (begins || before);
  const worked = workClock(present, now);
  return { columns: { worked, worked_since: after ? now : null }, before, after };
}

/** Lets the clocks of a rollout and its batches run, or stand still, as it is now. */
export async function keepClock(queries: Queries, view: RolloutView, now: number): Promise<void> {
  const present = await columnsOf(queries, view.id);
  const runs = isWorkTime(view, now);
  if (runs === (present.worked_since !== null)) return;
  const worked = workClock(present, now);
  await queries
    .updateTable('rollouts')
    .set({ worked, worked_since: runs ? now : null })
    .where('id', '=', view.id)
    .execute();
  for (const batch of view.batches) {
    const isOpen = batch.startedAt !== undefined && batch.passedAt === undefined;
    if (!isOpen || view.state !== 'running') continue;
    await queries
      .updateTable('batches')
      .set({ worked: batch.workedFor, worked_since: runs ? now : null })
      .where('rollout', '=', view.id)
      .where('number', '=', batch.number)
      .execute();
  }
}

async function columnsOf(queries: Queries, rollout: string): Promise<Columns> {
  return queries
    .selectFrom('rollouts')
    .select(['worked', 'worked_since'])
    .where('id', '=', rollout)
    .executeTakeFirstOrThrow();
}
