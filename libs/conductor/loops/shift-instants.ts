import type { Queries } from '#ledger';
import { FINAL_STATES, type ApprovalView } from '#rollout';
import { fromJson } from '../json.ts';

/**
 * Moves every instant from which an interval is measured, so that after a step of the wall clock delays, bakes,
 * deadlines and pauses are as far along as they were. What a person wrote as a time (starts, windows) stays.
 */
export async function shiftInstants(queries: Queries, by: number): Promise<void> {
  await queries
    .updateTable('batches')
    .set(({ eb }) => ({
      passed_at: eb('passed_at', '+', by),
      bake_until: eb('bake_until', '+', by),
      worked_since: eb('worked_since', '+', by),
    }))
    .where('rollout', 'in', openRollouts(queries))
    .execute();
  await queries
    .updateTable('rollout_hosts')
    .set(({ eb }) => ({
      due_at: eb('due_at', '+', by),
      queued_at: eb('queued_at', '+', by),
      lease_until: eb('lease_until', '+', by),
    }))
    .where((where) =>
      where.or([
        where('work', 'in', ['queued', 'claimed']),
        where.and([where('state', 'in', ['rolling_back', 'lost']), where('work', '=', 'idle')]),
      ]),
    )
    .execute();
  await queries
    .updateTable('holds')
    .set(({ eb }) => ({ until: eb('until', '+', by) }))
    .execute();
  await queries
    .updateTable('workers')
    .set(({ eb }) => ({ last_beat: eb('last_beat', '+', by) }))
    .execute();
  await queries
    .updateTable('notifications')
    .set(({ eb }) => ({ due_at: eb('due_at', '+', by) }))
    .where('ended_at', 'is', null)
    .execute();
  await shiftRollouts(queries, by);
}

function openRollouts(queries: Queries) {
  return queries
    .selectFrom('rollouts')
    .select('id')
    .where('state', 'not in', [...FINAL_STATES]);
}

async function shiftRollouts(queries: Queries, by: number): Promise<void> {
  const rows = await openRollouts(queries)
    .select(['worked_since', 'remind_at', 'approval', 'created_at', 'purpose'])
    .limit(1000)
    .execute();
  const later = (instant: number | null) => (instant === null ? null : instant + by);
  for (const row of rows) {
    const approval = fromJson<ApprovalView>(row.approval);
    const asked = approval && { ...approval, askedAt: approval.askedAt + by };
    await queries
      .updateTable('rollouts')
      .set({
        worked_since: later(row.worked_since),
        remind_at: later(row.remind_at),
        ...(asked && { approval: JSON.stringify(asked) }),
        ...(row.purpose === 'reading' && { created_at: row.created_at + by }),
      })
      .where('id', '=', row.id)
      .execute();
  }
}
