import { setTimeout as sleep } from 'node:timers/promises';
import type { Page, Rollout, RolloutHost } from '#api';

export interface Answer<T = unknown> {
  status: number;
  headers: Headers;
  body: T;
}

export interface Api {
  url: string;
  token: string;
  /** As another token. */
  as(token: string): Api;
  get<T>(path: string): Promise<Answer<T>>;
  post<T>(path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer<T>>;
  send<T>(method: string, path: string, init?: RequestInit): Promise<Answer<T>>;
  /** Posts a plan, expects 201. */
  start(plan: unknown): Promise<Rollout>;
  rollout(id: string): Promise<Rollout>;
  /** All hosts of a rollout, over all pages. */
  hosts(id: string): Promise<RolloutHost[]>;
  /** Polls until it holds; counts have to add up in every answer on the way. */
  until(id: string, holds: (rollout: Rollout) => boolean, seconds?: number): Promise<Rollout>;
  untilState(id: string, state: string | string[], seconds?: number): Promise<Rollout>;
}

const STATES = [
  'pending',
  'queued',
  'running',
  'succeeded',
  'failed',
  'unreachable',
  'lost',
  'cancelled',
  'skipped',
  'rollingBack',
  'rolledBack',
  'rollbackFailed',
] as const;

export function api(url: string, token: string): Api {
  const send = async <T>(method: string, path: string, init: RequestInit = {}) => {
    const headers = { authorization: `Bearer ${token}`, ...(init.headers as object) };
    const response = await fetch(`${url}${path}`, { ...init, method, headers });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: parsed(text) as T };
  };
  const client: Api = {
    url,
    token,
    as: (other) => api(url, other),
    send,
    get: (path) => send('GET', path),
    post: (path, body = {}, headers = {}) =>
      send('POST', path, {
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json', ...headers },
      }),
    async start(plan) {
      const answer = await client.post<Rollout>('/v1/rollouts', plan);
      if (answer.status !== 201) throw new Error(JSON.stringify(answer.body, null, 2));
      return answer.body;
    },
    rollout: async (id) => (await client.get<Rollout>(`/v1/rollouts/${id}`)).body,
    async hosts(id) {
      const items: RolloutHost[] = [];
      let cursor: string | null = '';
      while (cursor !== null) {
        const query = `?limit=500${cursor && `&cursor=${encodeURIComponent(cursor)}`}`;
        const page: Answer<Page<RolloutHost>> = await client.get(
          `/v1/rollouts/${id}/hosts${query}`,
        );
        items.push(...page.body.items);
        cursor = page.body.nextCursor;
      }
      return items;
    },
    async until(id, holds, seconds = 120) {
      const deadline = Date.now() + seconds * 1000;
      for (;;) {
        const rollout = await readRollout(client, id);
        if (rollout && holds(rollout)) return rollout;
        if (Date.now() > deadline)
          throw new Error(`waited in vain: ${JSON.stringify(rollout, null, 2)}`);
        await sleep(100);
      }
    },
    untilState: (id, state, seconds) =>
      client.until(id, (rollout) => [state].flat().includes(rollout.state), seconds),
  };
  return client;
}

/** Undefined while the controller is away. */
async function readRollout(client: Api, id: string): Promise<Rollout | undefined> {
  const signal = AbortSignal.timeout(5000);
  const answer = await client
    .send<Rollout>('GET', `/v1/rollouts/${id}`, { signal })
    .catch(() => undefined);
  if (answer?.status !== 200) return undefined;
  expectToAddUp(answer.body);
  return answer.body;
}

/** The states of a rollout, and of each of its batches, add up to what was planned. */
export function expectToAddUp(rollout: Rollout): void {
  for (const { counts, place } of [
    { counts: rollout.counts, place: 'rollout' },
    ...rollout.batches.map((batch) => ({ counts: batch.counts, place: `batch ${batch.number}` })),
  ]) {
    const sum = STATES.reduce((total, state) => total + counts[state], 0);
    if (sum !== counts.planned)
      throw new Error(`${place} does not add up: ${JSON.stringify(counts)}`);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
