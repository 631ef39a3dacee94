import { afterAll, beforeAll, expect, it } from 'vitest';
import type { EventRecord, Page, Problem, Rollout, RolloutHost } from '#api';
import { startLab, type Lab } from '../lab/index.ts';
import { plan, startStack, syntheticBundle, type Stack } from '../stack/index.ts';

const HOSTS = ['a', 'b', 'c'];

let lab: Lab;
let stack: Stack;
let id: string;

beforeAll(async () => {
  lab = await startLab({ hosts: HOSTS.map((name) => ({ name, diskMb: 96 })) });
  stack = await startStack({ lab });
  await stack.import(await syntheticBundle({ versions: ['1.21.5'] }));
});
afterAll(async () => {
  await stack[Symbol.asyncDispose]();
  await lab.stop();
});

function get(path: string, headers: Record<string, string> = {}): Promise<Response> {
  const authorization = `Bearer ${stack.api.token}`;
  return fetch(`${stack.api.url}${path}`, { headers: { authorization, ...headers } });
}

async function ndjson(query = ''): Promise<EventRecord[]> {
  const answer = await get(`/v1/rollouts/${id}/events?format=ndjson${query}`);
  expect(answer.headers.get('content-type')).toMatch(/^application\/x-ndjson/);
  const lines = (await answer.text()).trim().split('\n');
  return lines.map((line) => JSON.parse(line) as EventRecord);
}

it('is created once for an Idempotency-Key, with Location and ETag', async () => {
  const send = () =>
    stack.api.post<Rollout>('/v1/rollouts', plan({ name: 'rest' }), { 'Idempotency-Key': 'r1' });
  const [first, second] = await Promise.all([send(), send()]);
  expect([first.status, second.status]).toEqual([201, 201]);
  ({ id } = first.body);
  expect(second.body.id).toBe(id);
  expect(first.headers.get('location')).toBe(`/v1/rollouts/${id}`);
  expect(first.headers.get('etag')).toMatch(/^"/);
  expect((await stack.api.get<Page<Rollout>>('/v1/rollouts')).body.items).toHaveLength(1);
  await stack.api.untilState(id, 'succeeded');
});

it('tells its story from the beginning, and its end', async () => {
  const events = await ndjson();
  expect(events.at(-1)?.type).toBe('end');
  const ids = events.map((event) => event.id);
  expect(ids).toEqual([...ids].sort((a, b) => a - b));
  const ended = events.filter(({ type, details }) => {
    return type === 'host.state' && details['state'] === 'succeeded';
  });
  expect(new Set(ended.map(({ host }) => host))).toEqual(new Set(HOSTS));
});

it('goes on after the event that was heard last', async () => {
  const all = await ndjson();
  const middle = all[Math.floor(all.length / 2)]?.id ?? 0;
  const rest = all.filter((event) => event.id > middle).map((event) => event.id);
  expect((await ndjson(`&after=${middle}`)).map((event) => event.id)).toEqual(rest);
  const answer = await get(`/v1/rollouts/${id}/events`, { 'Last-Event-ID': String(middle) });
  expect(answer.headers.get('content-type')).toMatch(/^text\/event-stream/);
  const text = await answer.text();
  expect([...text.matchAll(/^id: (\d+)$/gm)].map(([, number]) => Number(number))).toEqual(rest);
  expect(text).toMatch(/^event: end$/m);
});

it('keeps steps and a plain log of every host', async () => {
  const host = await get(`/v1/rollouts/${id}/hosts/b`);
  expect(await host.json()).toMatchObject({
    name: 'b',
    state: 'succeeded',
    attempts: [{ outcome: 'succeeded', steps: expect.arrayContaining([expect.anything()]) }],
  });
  const log = await get(`/v1/rollouts/${id}/hosts/b/log`);
  expect(log.headers.get('content-type')).toMatch(/^text\/plain/);
  const text = await log.text();
  expect(text).toMatch(/Z connect: done after \d+ ms\n/);
  expect(text.trimEnd()).toMatch(/Z succeeded$/);
});

it('gives lists page by page', async () => {
  const names: string[] = [];
  let cursor = '';
  for (let pages = 1; ; pages++) {
    const answer = await get(`/v1/rollouts/${id}/hosts?limit=2${cursor}`);
    const page = (await answer.json()) as Page<RolloutHost>;
    names.push(...page.items.map(({ name }) => name));
    if (page.nextCursor === null) {
      expect(pages).toBe(2);
      break;
    }
    cursor = `&cursor=${encodeURIComponent(page.nextCursor)}`;
  }
  expect(names).toEqual(HOSTS);
  const none = await get(`/v1/rollouts/${id}/hosts?state=failed`);
  expect(await none.json()).toEqual({ items: [], nextCursor: null });
});

it('refuses a verb that the state does not allow, and says which it does', async () => {
  const answer = await stack.api.post<Problem>(`/v1/rollouts/${id}/pause`);
  expect(answer.status).toBe(409);
  expect(answer.body).toMatchObject({ code: 'conflict', allowedActions: ['rollback'] });
});

it('refuses a verb on another state than the one that was read', async () => {
  const read = await get(`/v1/rollouts/${id}`);
  const etag = read.headers.get('etag') ?? '';
  const stale = await stack.api.post<Problem>(
    `/v1/rollouts/${id}/rollback`,
    { scope: 'all' },
    { 'If-Match': '"0-0"' },
  );
  expect(stale.status).toBe(412);
  expect(stale.body.code).toBe('precondition_failed');
  const answer = await stack.api.post<Rollout>(
    `/v1/rollouts/${id}/rollback`,
    { scope: 'all', note: 'as it was' },
    { 'If-Match': etag },
  );
  expect(answer.status).toBe(202);
  expect(answer.headers.get('etag')).not.toBe(etag);
  expect(answer.body.rollback).toMatchObject({ scope: 'all', hosts: HOSTS });
  await stack.api.untilState(id, 'rolled_back');
  const { items } = (await stack.api.get<Page<{ verb: string; note: string }>>('/v1/audit')).body;
  expect(items).toEqual(
    expect.arrayContaining([expect.objectContaining({ verb: 'rollback', note: 'as it was' })]),
  );
});
