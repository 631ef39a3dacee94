import type { FleetHostDetail, Freeze, NewToken, Page, Problem, Rollout } from '#api';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startLab, type Lab } from '../lab/index.ts';
import { plan, startStack, syntheticBundle, type Stack } from '../stack/index.ts';

let lab: Lab;
let stack: Stack;

beforeAll(async () => {
  lab = await startLab({ hosts: ['a', 'b', 'c'].map((name) => ({ name, diskMb: 96 })) });
  stack = await startStack({ lab });
  await stack.import(await syntheticBundle({ versions: ['1.21.5'] }));
});
afterAll(async () => {
  await stack[Symbol.asyncDispose]();
  await lab.stop();
});

function sendJson<T>(method: string, path: string, body: unknown, headers = {}) {
  return stack.api.send<T>(method, path, {
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...headers },
  });
}

it('starts once another person has approved, bakes, and checks health again on real hosts', async () => {
  const { id, planDigest, state } = await stack.api.start(
    plan({
      name: 'approved',
      approval: { required: true },
      strategy: { batches: [{ size: 1, bake: '1h' }, { size: 2 }] },
    }),
  );
  expect(state).toBe('pending_approval');
  const made = async (permissions: string[]) =>
    (await stack.api.post<NewToken>('/v1/tokens', { role: 'viewer', permissions })).body.secret;
  const approve = (secret: string) =>
    stack.api.as(secret).post<Rollout>(`/v1/rollouts/${id}/approve`, { planDigest });
  expect((await stack.api.post(`/v1/rollouts/${id}/approve`, { planDigest })).status).toBe(403);
  expect((await approve(await made([]))).status).toBe(403);
  expect((await approve(await made(['approve']))).status).toBe(202);

  const baking = await stack.api.until(id, ({ batches }) => batches[0]?.state === 'baking');
  expect(baking.waits).toMatchObject([{ message: 'batch 1 to bake' }]);
  expect((await stack.api.post(`/v1/rollouts/${id}/advance`, { note: 'now' })).status).toBe(202);
  await stack.api.untilState(id, 'succeeded');
  const { items } = (await stack.api.get<Page<FleetHostDetail>>('/v1/fleet/a')).body;
  expect(items).toMatchObject([
    { name: 'a', drift: [], health: { state: 'ok' }, history: [{ rollout: id }] },
  ]);
});

it('changes numbers with an ETag, and refuses one that is old', async () => {
  const startAt = new Date(Date.now() + 3_600_000).toISOString();
  const { id } = await stack.api.start(plan({ name: 'later', startAt }));
  const read = await stack.api.get<Rollout>(`/v1/rollouts/${id}`);
  const etag = read.headers.get('etag') ?? '';
  const patch = (body: unknown) =>
    sendJson<Rollout & Problem>('PATCH', `/v1/rollouts/${id}`, body, { 'if-match': etag });
  const changed = await patch({ concurrency: 2, delays: '5s' });
  expect(changed).toMatchObject({ status: 202, body: { numbers: { concurrency: 2 } } });
  expect((await patch({ concurrency: 3 })).status).toBe(412);
  const wrong = await sendJson<Problem>('PATCH', `/v1/rollouts/${id}`, { concurency: 3 });
  expect(wrong.status).toBe(400);
  expect(wrong.body.errors[0]?.message).toContain('concurrency');
  await stack.api.post(`/v1/rollouts/${id}/abort`);
});

it('freezes everything over HTTP, for admins alone', async () => {
  const { body } = await stack.api.post<NewToken>('/v1/tokens', { role: 'operator' });
  const operator = stack.api.as(body.secret);
  expect((await operator.post('/v1/freeze', { note: 'n' })).status).toBe(403);
  expect((await stack.api.post('/v1/freeze', { note: 'n' })).status).toBe(200);
  expect((await operator.get<Freeze>('/v1/freeze')).body).toMatchObject({
    frozen: true,
    note: 'n',
  });
  const { id, state } = await stack.api.start(plan({ name: 'frozen' }));
  expect(state).toBe('paused');
  expect((await stack.api.send('DELETE', '/v1/freeze')).status).toBe(200);
  expect((await stack.api.post(`/v1/rollouts/${id}/resume`)).status).toBe(202);
  await stack.api.untilState(id, 'succeeded');
});
