import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GofleetError } from '#errors';
import { describe, expect, it } from 'vitest';
import { exitCodeOf } from '../exit-code.ts';
import { json, serve } from '../../../test/cli/serve.ts';
import { openClient } from './client.ts';
import { findEndpoint } from './endpoint.ts';

function clientOf(url: string) {
  return openClient(() => Promise.resolve({ url, token: 'secret-of-a-test' }));
}

/** What the controller (or something in between) answers, and what becomes of it. */
const ANSWERS: [status: number, body: unknown, code: string, exit: number][] = [
  [400, { code: 'invalid_file' }, 'invalid_file', 2],
  [400, { code: 'not_supported_yet' }, 'not_supported_yet', 2],
  [400, 'Bad Request', 'invalid_request', 2],
  [401, { code: 'unauthorized' }, 'unauthorized', 4],
  [403, { code: 'forbidden' }, 'forbidden', 4],
  [403, '<html>', 'forbidden', 4],
  [404, { code: 'not_found' }, 'not_found', 1],
  [409, { code: 'conflict' }, 'conflict', 1],
  [409, { code: 'lock_conflict' }, 'lock_conflict', 1],
  [409, { code: 'a_code_of_a_later_release' }, 'conflict', 1],
  [412, { code: 'precondition_failed' }, 'precondition_failed', 1],
  [413, { code: 'too_large' }, 'too_large', 2],
  [422, { code: 'blob_mismatch' }, 'blob_mismatch', 1],
  [500, { code: 'internal' }, 'internal', 1],
  [501, { code: 'not_supported_yet' }, 'not_supported_yet', 2],
  [502, '<html>', 'unavailable', 3],
  [503, { code: 'unavailable' }, 'unavailable', 3],
];

describe('openClient', () => {
  it.each(ANSWERS)('takes %i %j for %s, exit code %i', async (status, body, code, exit) => {
    const server = await serve((_, response) => json(response, status, body));
    const error = await failure(clientOf(server.url).get('/v1/rollouts'));
    expect(error.code).toBe(code);
    expect(exitCodeOf(error)).toBe(exit);
    expect(error.remedy).not.toBe('');
  });

  it('keeps what a problem document says', async () => {
    const problem = {
      type: 'about:blank',
      title: 'Conflict',
      status: 409,
      code: 'conflict',
      detail: 'it is running',
      remedy: 'Pause it first.',
      errors: [{ path: 'mode', line: 3, message: 'is required' }],
      allowedActions: ['pause'],
    };
    const server = await serve((_, response) => json(response, 409, problem));
    const error = await failure(clientOf(server.url).post('/v1/rollouts/x/resume', {}));
    expect(error).toMatchObject({
      message: 'it is running',
      remedy: 'Pause it first.',
      errors: [{ path: 'mode', line: 3, message: 'is required' }],
      details: { allowedActions: ['pause'], status: 409 },
    });
  });

  it('sends the token, and with every POST another idempotency key', async () => {
    const server = await serve((_, response) => json(response, 201, {}));
    const client = clientOf(server.url);
    await client.post('/v1/tokens', { role: 'viewer' });
    await client.post('/v1/tokens', { role: 'viewer' });
    const keys = server.asked.map(({ headers }) => headers['idempotency-key']);
    expect(new Set(keys).size).toBe(2);
    expect(keys).not.toContain(undefined);
    expect(server.asked[0]).toMatchObject({
      method: 'POST',
      body: '{"role":"viewer"}',
      headers: {
        authorization: 'Bearer secret-of-a-test',
        'content-type': 'application/json',
      },
    });
  });

  it('reads every page of a list', async () => {
    const server = await serve(({ path }, response) =>
      json(
        response,
        200,
        path.includes('cursor=two')
          ? { items: [3], nextCursor: null }
          : { items: [1, 2], nextCursor: 'two' },
      ),
    );
    expect(await clientOf(server.url).list('/v1/rollouts', { state: undefined })).toEqual([
      1, 2, 3,
    ]);
    expect(server.asked.map(({ path }) => path)).toEqual([
      '/v1/rollouts?limit=1000',
      '/v1/rollouts?limit=1000&cursor=two',
    ]);
  });

  it('says why nobody answers', async () => {
    const server = await serve(() => {});
    await server.stop();
    const error = await failure(clientOf(server.url).get('/v1/rollouts'));
    expect(error.code).toBe('unavailable');
    expect(error.message).toContain(`${server.url} does not answer: connect ECONNREFUSED`);
    expect(exitCodeOf(error)).toBe(3);
  });

  it('takes an answer that is cut off for none', async () => {
    const server = await serve((_, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('{"id":', () => response.destroy());
    });
    expect((await failure(clientOf(server.url).get('/v1/rollouts'))).code).toBe('unavailable');
  });
});

describe('findEndpoint', () => {
  async function dataFolder(files: Record<string, string>): Promise<string> {
    const data = await mkdtemp(join(tmpdir(), 'gofleet-cli-'));
    for (const [name, content] of Object.entries(files)) await writeFile(join(data, name), content);
    return data;
  }
  const running = { 'controller.json': '{"url":"http://127.0.0.1:7070"}', token: 'of-admin\n' };

  it('finds the embedded controller and its token', async () => {
    const data = await dataFolder(running);
    expect(await findEndpoint({ data })).toEqual({
      url: 'http://127.0.0.1:7070',
      token: 'of-admin',
    });
    expect(await findEndpoint({ data, token: 'mine' })).toEqual({
      url: 'http://127.0.0.1:7070',
      token: 'mine',
    });
  });

  it('never sends the token of the embedded controller to another one', async () => {
    const data = await dataFolder(running);
    expect(await findEndpoint({ data, url: 'https://elsewhere:7070/' })).toEqual({
      url: 'https://elsewhere:7070',
      token: undefined,
    });
    expect(await findEndpoint({ data, url: 'http://127.0.0.1:7070/' })).toMatchObject({
      token: 'of-admin',
    });
  });

  it.each([
    [{}, {}, 'unavailable'],
    [{ 'controller.json': '{' }, {}, 'unavailable'],
    [{}, { url: 'ftp://x' }, 'usage'],
    [{}, { url: 'controller:7070' }, 'usage'],
  ])('with %j and %j it is %s', async (files, choice, code) => {
    const data = await dataFolder(files);
    expect((await failure(findEndpoint({ data, ...choice }))).code).toBe(code);
  });
});

async function failure(promise: Promise<unknown>): Promise<GofleetError> {
  try {
    await promise;
  } catch (error) {
    return error as GofleetError;
  }
  return expect.unreachable('it should have failed');
}
