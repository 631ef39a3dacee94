import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startStack, type Api, type Stack } from '../stack/index.ts';

/** Who may use what, from the outside: the roles that may, by letter (viewer, operator, admin, worker). */
const MAY: [string, string, string][] = [
  ['GET', '/v1/rollouts', 'voa'],
  ['GET', '/v1/rollouts/x', 'voa'],
  ['GET', '/v1/rollouts/x/batches', 'voa'],
  ['GET', '/v1/rollouts/x/batches/1', 'voa'],
  ['GET', '/v1/rollouts/x/hosts', 'voa'],
  ['GET', '/v1/rollouts/x/hosts/y', 'voa'],
  ['GET', '/v1/rollouts/x/hosts/y/log', 'voa'],
  ['GET', '/v1/rollouts/x/decisions', 'voa'],
  ['GET', '/v1/rollouts/x/failures', 'voa'],
  ['GET', '/v1/rollouts/x/events', 'voa'],
  ['GET', '/v1/rollouts/x/report', 'voa'],
  ['GET', '/v1/fleet', 'voa'],
  ['GET', '/v1/fleet/x', 'voa'],
  ['GET', '/v1/bundles', 'voa'],
  ['GET', '/v1/bundles/x', 'voa'],
  ['GET', '/v1/tokens', 'voa'],
  ['GET', '/metrics', 'voa'],
  ['GET', '/goproxy/default/x/@v/list', 'voa'],
  ['GET', `/v1/blobs/${'0'.repeat(64)}`, 'voaw'],
  ['HEAD', `/v1/blobs/${'0'.repeat(64)}`, 'voaw'],
  ['GET', '/v1/audit', 'a'],
  ['POST', '/v1/plans', 'oa'],
  ['POST', '/v1/plans/simulate', 'oa'],
  ['POST', '/v1/rollouts', 'oa'],
  ['PATCH', '/v1/rollouts/x', 'oa'],
  // a permission of its own, which admins have
  ['POST', '/v1/rollouts/x/approve', 'a'],
  ['POST', '/v1/rollouts/x/pause', 'oa'],
  ['POST', '/v1/rollouts/x/resume', 'oa'],
  ['POST', '/v1/rollouts/x/retry', 'oa'],
  ['POST', '/v1/rollouts/x/rollback', 'oa'],
  ['POST', '/v1/rollouts/x/abort', 'oa'],
  ['POST', '/v1/rollouts/x/advance', 'oa'],
  ['POST', '/v1/bundles', 'oa'],
  ['PATCH', `/v1/blobs/${'0'.repeat(64)}`, 'oa'],
  ['POST', '/v1/fleet/x/quarantine', 'oa'],
  ['DELETE', '/v1/fleet/x/quarantine', 'oa'],
  ['POST', '/v1/fleet/adopt', 'a'],
  ['POST', '/v1/tokens', 'a'],
  ['DELETE', '/v1/tokens/x', 'a'],
  ['POST', '/v1/freeze', 'a'],
  ['DELETE', '/v1/freeze', 'a'],
  ['GET', '/v1/worker/hello', 'w'],
  ['POST', '/v1/worker/claims', 'w'],
  ['POST', '/v1/worker/reports', 'w'],
];

const ROLES = ['viewer', 'operator', 'admin', 'worker'] as const;

let stack: Stack;
const as: Partial<Record<string, Api>> = {};

beforeAll(async () => {
  stack = await startStack();
  for (const role of ROLES) {
    const site = role === 'worker' ? { site: 'default' } : {};
    const made = await stack.api.post<{ secret: string }>('/v1/tokens', { role, ...site });
    expect(made.status).toBe(201);
    as[role] = stack.api.as(made.body.secret);
  }
});
afterAll(() => stack[Symbol.asyncDispose]());

describe.each(MAY)('%s %s', (method, path, letters) => {
  it.each(ROLES)('by a %s', async (role) => {
    const answer = await as[role]?.send<{ code: string }>(method, path);
    if (letters.includes(role.charAt(0))) expect([401, 403]).not.toContain(answer?.status);
    else {
      expect(answer?.status).toBe(403);
      if (method !== 'HEAD') expect(answer?.body.code).toBe('forbidden');
    }
  });

  it('by nobody, and with a token that was never given', async () => {
    const bare = await fetch(stack.api.url + path, { method });
    expect(bare.status).toBe(401);
    expect(bare.headers.get('www-authenticate')).toMatch(/^Bearer/);
    expect((await stack.api.as('gofleet_wrong').send(method, path)).status).toBe(401);
  });
});

it.each(['/healthz', '/readyz', '/v1/openapi.json'])('%s is open', async (path) => {
  expect((await fetch(stack.api.url + path)).status).toBe(200);
});

it('a revoked token is nobody', async () => {
  const made = await stack.api.post<{ id: string; secret: string }>('/v1/tokens', {
    role: 'viewer',
  });
  const viewer = stack.api.as(made.body.secret);
  expect((await viewer.get('/v1/rollouts')).status).toBe(200);
  expect((await stack.api.send('DELETE', `/v1/tokens/${made.body.id}`)).status).toBe(204);
  expect((await viewer.get('/v1/rollouts')).status).toBe(401);
});

it('secrets of tokens are in no list and no answer but the first', async () => {
  const made = await stack.api.post<{ secret: string }>('/v1/tokens', { role: 'viewer' });
  const tokens = JSON.stringify((await stack.api.get('/v1/tokens')).body);
  expect(tokens).toContain('viewer');
  expect(tokens).not.toContain(made.body.secret);
  expect(await stack.output()).not.toContain(made.body.secret);
});

it('the token files are for their user alone', async () => {
  const { stat } = await import('node:fs/promises');
  const modes = await Promise.all(
    ['', 'token', 'worker.token'].map(async (name) => (await stat(`${stack.data}/${name}`)).mode),
  );
  expect(modes.map((mode) => (mode & 0o777).toString(8))).toEqual(['700', '600', '600']);
});
