import type { Queries } from '#ledger';
import type { Engine } from '../engine.ts';
import { REMIND_EVERY } from '../conduct/carry-out.ts';
import { fromJson } from '../json.ts';
import type { Reason } from '#rollout';
import type { Notification } from '../ports.ts';
import { notify } from './notify.ts';

const TRIES = 8;
const FIRST_PAUSE = 5000;
const LONGEST_PAUSE = 10 * 60_000;
const ANSWER = 10_000;

/** Sends what is due; what fails is tried again later, and given up after some tries. */
export async function sendNotifications(engine: Engine): Promise<void> {
  await remind(engine);
  const now = engine.clock.now();
  const due = await engine.ledger.read((queries) =>
    queries
      .selectFrom('notifications')
      .selectAll()
      .where('ended_at', 'is', null)
      .where('due_at', '<=', now)
      .orderBy('id')
      .limit(20)
      .execute(),
  );
  await Promise.all(
    due.map(async (row) => {
      const error = await send(engine, row.kind, row.target, row.payload);
      await engine.write((queries) => settle(engine, queries, row, error));
    }),
  );
}

async function send(
  engine: Engine,
  kind: string,
  target: string,
  payload: string,
): Promise<string | undefined> {
  try {
    if (kind === 'command')
      await engine.runNotifyCommand(target, JSON.parse(payload) as Notification);
    else await post(target, payload);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function post(url: string, body: string): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const signal = AbortSignal.timeout(ANSWER);
  const answer = await fetch(url, { method: 'POST', headers, body, signal });
  await answer.body?.cancel();
  if (!answer.ok) throw new Error(`answered ${answer.status}`);
}

async function settle(
  engine: Engine,
  queries: Queries,
  {
    id,
    attempts,
    rollout,
    target,
  }: { id: number; attempts: number; rollout: string; target: string },
  error: string | undefined,
): Promise<void> {
  const now = engine.clock.now();
  const tried = attempts + 1;
  const over = error === undefined || tried >= TRIES;
  if (error !== undefined)
    engine.log.warn({ rollout, target, error, tried }, 'a notification was not taken');
  await queries
    .updateTable('notifications')
    .set({
      attempts: tried,
      error: error ?? null,
      ended_at: over ? now : null,
      due_at: now + Math.min(FIRST_PAUSE * 2 ** attempts, LONGEST_PAUSE),
    })
    .where('id', '=', id)
    .execute();
}

/** While a rollout is paused, people are told again and again. */
async function remind(engine: Engine): Promise<void> {
  const now = engine.clock.now();
  const due = await engine.ledger.read((queries) => toRemind(queries, now));
  if (due.length === 0) return;
  await engine.write(async (queries) => {
    for (const { id, reason } of await toRemind(queries, now)) {
      await notify(engine, queries, id, 'paused', fromJson<Reason>(reason));
      await queries
        .updateTable('rollouts')
        .set({ remind_at: now + REMIND_EVERY })
        .where('id', '=', id)
        .execute();
    }
  });
}

async function toRemind(queries: Queries, now: number) {
  return queries
    .selectFrom('rollouts')
    .select(['id', 'reason'])
    .where('state', '=', 'paused')
    .where('remind_at', '<=', now)
    .limit(100)
    .execute();
}
