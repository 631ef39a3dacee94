import { GofleetError } from '#errors';
import type { Queries } from '#ledger';
import type { Engine } from '../engine.ts';
import type { Answer, Repeatable } from '../interface.ts';
import { hashSecret } from './tokens.ts';

const KEPT = 24 * 3_600_000;

/** Requests under way by token and key: the second of two at once waits for the first. */
export type UnderWay = Map<string, { request: string; answer: Promise<Answer> }>;

/** Runs once a key, token and request within 24 h and gives a 2xx answer again; else it is tried anew. */
export async function once(
  engine: Engine,
  underWay: UnderWay,
  { by, key, request }: Repeatable,
  run: () => Promise<Answer>,
): Promise<Answer> {
  const hash = hashSecret(request);
  const place = `${by.token} ${key}`;
  const found = underWay.get(place);
  if (found) return found.request === hash ? found.answer : mismatch();
  const answer = findOrRun(engine, { token: by.token, key, request: hash }, run);
  underWay.set(place, { request: hash, answer });
  return answer.finally(() => underWay.delete(place));
}

interface Place {
  token: string;
  key: string;
  request: string;
}

async function findOrRun(engine: Engine, place: Place, run: () => Promise<Answer>) {
  const now = engine.clock.now();
  const stored = await engine.ledger.read((queries) => find(queries, place, now));
  if (stored) return stored.request === place.request ? stored.answer : mismatch();
  const answer = await run();
  if (answer.status >= 200 && answer.status < 300)
    await engine.write((queries) => keep(queries, place, answer, now));
  return answer;
}

async function find(queries: Queries, { token, key }: Place, now: number) {
  const row = await queries
    .selectFrom('idempotency')
    .selectAll()
    .where('token', '=', token)
    .where('key', '=', key)
    .where('at', '>', now - KEPT)
    .executeTakeFirst();
  if (!row) return undefined;
  const headers = JSON.parse(row.headers) as Record<string, string>;
  return { request: row.request, answer: { status: row.status, headers, body: row.body } };
}

async function keep(queries: Queries, place: Place, answer: Answer, at: number): Promise<void> {
  await queries
    .deleteFrom('idempotency')
    .where('at', '<=', at - KEPT)
    .execute();
  const { status, body } = answer;
  await queries
    .insertInto('idempotency')
    .values({ ...place, status, headers: JSON.stringify(answer.headers), body, at })
    .onConflict((conflict) => conflict.columns(['token', 'key']).doNothing())
    .execute();
}

function mismatch(): never {
  throw new GofleetError('idempotency_mismatch', 'this key was used for another request', {
    remedy: 'Send another Idempotency-Key with another request.',
  });
}
