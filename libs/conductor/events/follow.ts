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
  /** Nothing of this rollout up to here is still to be told. */
  let seen = after;
  while (!signal.aborted) {
    const from = seen;
    const { rings } = engine.bell;
    const found = await engine.ledger.read((queries) => look(queries, rollout, from));
    if (found.lostUpTo !== undefined) {
      last = found.lostUpTo;
      yield marker('reset', rollout, engine.clock.now(), last);
    }
    for (const event of found.events) {
      yield toEvent(event);
      last = event.id;
    }
    seen = found.events.length === AT_ONCE ? last : Math.max(found.newest, seen);
    if (found.events.length === AT_ONCE) continue;
    if (found.ended) break;
    await engine.bell.heard(signal, LONGEST_WAIT, rings);
  }
  if (!signal.aborted) yield marker('end', rollout, engine.clock.now(), last);
}

/** What follows after an event, in one snapshot. Throws `not_found`. */
async function look(queries: Queries, rollout: string, after: number) {
  const found = await queries
    .selectFrom('rollouts')
    .select(['state', 'created_at'])
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
  const { newest } = await queries
    .selectFrom('events')
    .select(({ fn }) => fn.max('id').as('newest'))
    .executeTakeFirstOrThrow();
  return {
    events,
    newest: newest ?? 0,
    lostUpTo: await lostUpTo(queries, found.created_at, after),
    ended: isFinal(found.state as RolloutState),
  };
}

/** The last event that is no longer kept, where one of this rollout after `after` may have been among them. */
async function lostUpTo(
  queries: Queries,
  createdAt: number,
  after: number,
): Promise<number | undefined> {
  const kept = await queries
    .selectFrom('events')
    .select(['id', 'at'])
    .orderBy('id')
    .limit(1)
    .executeTakeFirst();
  const gap = kept !== undefined && kept.id > after + 1 && createdAt <= kept.at;
  return gap ? kept.id - 1 : undefined;
}

function marker(type: 'reset' | 'end', rollout: string, now: number, id: number): EventRecord {
  return { id, at: toTime(now), type, rollout, batch: null, host: null, details: {} };
}

function toEvent({ id, at, type, rollout, batch, host, details }: EventRow): EventRecord {
  const told = JSON.parse(details) as Record<string, unknown>;
  return { id, at: toTime(at), type, rollout, batch, host, details: told };
}
