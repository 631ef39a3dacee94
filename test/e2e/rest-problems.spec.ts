import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Problem } from '#api';
import { plan, startStack, type Stack } from '../stack/index.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack[Symbol.asyncDispose]());

function send(method: string, path: string, body?: string, type = 'application/yaml') {
  const headers = body === undefined ? {} : { 'content-type': type };
  return stack.api.send<Problem>(method, path, { headers, ...(body !== undefined && { body }) });
}

const PLAN = `kind: RolloutPlan
name: wrong
inventory: lab
targets: all
bundle: none
playbook: none
strategy:
  batches:
    - { size: 50, maxFailure: 3 }
`;

const LARGE = JSON.stringify({ manifest: 'x'.repeat(6_000_000), signature: null });

/** What is sent, and what the problem document says. */
const WRONG: {
  name: string;
  request: Parameters<typeof send>;
  status: number;
  code: string;
  faults?: object[];
}[] = [
  {
    name: 'an unknown key of a plan',
    request: ['POST', '/v1/rollouts', PLAN],
    status: 400,
    code: 'invalid_file',
    faults: [{ line: 9, path: 'strategy.batches[0].maxFailure' }],
  },
  {
    name: 'YAML that is none',
    request: ['POST', '/v1/rollouts', 'kind: RolloutPlan\nname: [\n'],
    status: 400,
    code: 'invalid_file',
    faults: [{ line: 3 }],
  },
  {
    name: 'JSON that is none',
    request: ['POST', '/v1/rollouts', '{"kind": ', 'application/json'],
    status: 400,
    code: 'invalid_file',
    faults: [{}],
  },
  {
    name: 'a wrong value in the body of a verb',
    request: ['POST', '/v1/rollouts/x/abort', '{\n "inflight": "now"\n}', 'application/json'],
    status: 400,
    code: 'invalid_file',
    faults: [{ line: 2, path: 'inflight' }],
  },
  {
    name: 'an unknown parameter of a query',
    request: ['GET', '/v1/rollouts?sate=paused'],
    status: 400,
    code: 'invalid_request',
    faults: [{ path: 'sate' }],
  },
  {
    name: 'a state that there is not',
    request: ['GET', '/v1/rollouts?state=finished'],
    status: 400,
    code: 'invalid_request',
    faults: [{ path: 'state' }],
  },
  {
    name: 'a content type that nobody reads',
    request: ['POST', '/v1/rollouts', 'x', 'text/plain'],
    status: 415,
    code: 'unsupported_media_type',
  },
  {
    name: 'a plan of more than 5 MB',
    request: ['POST', '/v1/rollouts', `# ${'a'.repeat(5_000_000)}\n`],
    status: 413,
    code: 'too_large',
  },
  {
    name: 'a manifest that is larger than that, and none',
    request: ['POST', '/v1/bundles', LARGE, 'application/json'],
    status: 400,
    code: 'invalid_file',
  },
  {
    name: 'an address that there is not',
    request: ['GET', '/v1/rollout'],
    status: 404,
    code: 'not_found',
  },
  {
    name: 'a method that is not for this address',
    request: ['POST', '/healthz'],
    status: 404,
    code: 'not_found',
  },
  {
    name: 'a rollout that there is not',
    request: ['GET', '/v1/rollouts/01J'],
    status: 404,
    code: 'not_found',
  },
  {
    name: 'an address that is no URL',
    request: ['GET', '/v1/rollouts/%zz'],
    status: 400,
    code: 'invalid_request',
  },
];

describe('a problem document for', () => {
  it.each(WRONG)('$name', async ({ request, status, code, faults }) => {
    const answer = await send(...request);
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(answer.body).toMatchObject({ status, code });
    expect(answer.status).toBe(status);
    for (const text of [answer.body.title, answer.body.detail, answer.body.remedy])
      expect(text).not.toBe('');
    if (faults) expect(answer.body.errors).toMatchObject(faults);
  });
});

const LATER: [string, string][] = [
  ['GET', '/metrics'],
  ['GET', '/goproxy/default/example.com/a/@v/list'],
];

it.each(LATER)('%s %s is known and of a later release', async (method, path) => {
  const answer = await send(method, path);
  expect(answer.status).toBe(501);
  expect(answer.body.code).toBe('not_supported_yet');
});

describe('Idempotency-Key', () => {
  const key = { 'Idempotency-Key': 'token-1' };

  it('gives the first answer again, secret included, and creates nothing twice', async () => {
    const body = { role: 'viewer', name: 'once' };
    const first = await stack.api.post('/v1/tokens', body, key);
    const second = await stack.api.post('/v1/tokens', body, key);
    expect(first.status).toBe(201);
    expect(second.status).toBe(201);
    expect(second.body).toEqual(first.body);
    expect(second.headers.get('location')).toBe(first.headers.get('location'));
    const all = JSON.stringify((await stack.api.get('/v1/tokens')).body);
    expect(all.split('"once"').length - 1).toBe(1);
  });

  it('is refused with another body', async () => {
    const answer = await stack.api.post<Problem>('/v1/tokens', { role: 'admin' }, key);
    expect(answer.status).toBe(422);
    expect(answer.body.code).toBe('idempotency_mismatch');
  });

  it('tries anew what failed before', async () => {
    const again = { 'Idempotency-Key': 'rollout-1' };
    const body = plan({ bundle: 'not-there' });
    const first = await stack.api.post<Problem>('/v1/rollouts', body, again);
    const second = await stack.api.post<Problem>('/v1/rollouts', body, again);
    expect([first.status, second.status].every((status) => status >= 400)).toBe(true);
    expect(second.body.code).toBe(first.body.code);
  });
});
