import type { EventRecord } from '#api';
import type { EventRow, Queries } from '#ledger';
import { isFinal, type RolloutState } from '#rollout';
import type { Engine } from '../engine.ts';
import { toTime } from '../json.ts';
import { noRollout } from '../not-found.ts';

const AT_ONCE = 500;
const LONGEST_WAIT = 15_000;

/** Events of a rollout after an id, then the new ones as they come, until the rollout is final or nobody listens. */
export async function* followEvents(
  engine: Engine,
  rollout: string,
  after: number,
  signal: AbortSignal,
): AsyncGenerator<EventRecord> {
  let last = after;
  const lost = await engine.ledger.read((queries) => firstKept(queries, rollout, after));
  if (lost !== undefined) yield marker('reset', rollout, engine.clock.now(), lost - 1);
  while (!signal.aborted) {
    const { events, ended } = await engine.ledger.read((queries) => look(queries, rollout, last));
    for (const event of events) {
      yield toEvent(event);
      last = event.id;
    }
    if (events.length === AT_ONCE) continue;
    if (ended) break;
    await engine.bell.heard(signal, LONGEST_WAIT);
  }
  if (!signal.aborted) yield marker('end', rollout, engine.clock.now(), last);
}

async function look(queries: Queries, rollout: string, after: number) {
  const found = await queries
    .selectFrom('rollouts')
    .select('state')
    .where('id', '=', rollout)
    .executeTakeFirst();
  if (!found) throw noRollout(rollout);
  const events = await queries
    .selectFrom('events')
    .selectAll()
    .where('rollout', '=', rollout)
    .where('id', '>', after)
    .orderBy('id')
    .limit(AT_ONCE)
    .execute();
  return { events, ended: isFinal(found.state as RolloutState) };
}

/** The first event that is kept, where some of this rollout between it and `after` are not. */
async function firstKept(queries: Queries, rollout: string, after: number) {
  const kept = await queries
    .selectFrom('events')
    .select(['id', 'at'])
    .orderBy('id')
    .limit(1)
    .executeTakeFirst();
  const found = await queries
    .selectFrom('rollouts')
    .select('created_at')
    .where('id', '=', rollout)
    .executeTakeFirst();
  if (!found) throw noRollout(rollout);
  const gap = kept !== undefined && kept.id > after + 1 && found.created_at < kept.at;
  return gap ? kept.id : undefined;
}

function marker(type: 'reset' | 'end', rollout: string, now: number, id: number): EventRecord {
  return { id, at: toTime(now), type, rollout, batch: null, host: null, details: {} };
}

function toEvent({ id, at, type, rollout, batch, host, details }: EventRow): EventRecord {
  const told = JSON.parse(details) as Record<string, unknown>;
  return { id, at: toTime(at), type, rollout, batch, host, details: told };
}
