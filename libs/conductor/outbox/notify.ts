import type { Queries } from '#ledger';
import { isFinal, type Change, type NotifyEvent, type Reason, type RolloutView } from '#rollout';
import type { Engine } from '../engine.ts';
import { toTime } from '../json.ts';
import type { Notification } from '../ports.ts';

/** What a change is to be told of: to each target the first that it asked for. */
export function noticesOf(
  view: RolloutView,
  change: Change,
  { kind, trip }: { kind?: string; trip?: unknown },
): NotifyEvent[][] {
  if (change.state === view.state) return trip ? [['paused']] : [];
  if (kind === 'start') return [['started']];
  if (change.state === 'paused' || change.state === 'pending_approval') return [['paused']];
  if (change.state === 'rolling_back') return [['rolling_back']];
  if (change.state === 'running') return [['resumed']];
  if (!isFinal(change.state)) return [];
  const failed = change.state === 'failed' || change.state === 'completed_with_errors';
  return [failed ? ['failed', 'finished'] : ['finished']];
}

/** Puts a notification for every target that asked for it into the outbox, in the present transaction. */
export async function notify(
  engine: Engine,
  queries: Queries,
  rollout: string,
  events: NotifyEvent | NotifyEvent[],
  reason?: Reason,
): Promise<void> {
  const { plan } = await engine.frozen.of(queries, rollout);
  if (plan.notify.length === 0) return;
  const now = engine.clock.now();
  const row = await queries
    .selectFrom('rollouts')
    .select(['name', 'state'])
    .where('id', '=', rollout)
    .executeTakeFirstOrThrow();
  for (const { webhook, command, on } of plan.notify) {
    const event = [events].flat().find((each) => on.includes(each));
    if (event === undefined) continue;
    const told: Notification = {
      event,
      rollout,
      name: row.name,
      state: row.state,
      reason: reason ? { code: reason.code, message: reason.message } : null,
      at: toTime(now),
    };
    await queries
      .insertInto('notifications')
      .values({
        rollout,
        kind: webhook === undefined ? 'command' : 'webhook',
        target: webhook ?? command ?? '',
        payload: JSON.stringify(told),
        due_at: now,
        attempts: 0,
        ended_at: null,
        error: null,
      })
      .execute();
  }
}
