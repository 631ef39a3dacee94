import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { rolloutOf } from '../../test/cli/rollout.ts';
import { run } from '../../test/cli/run.ts';
import { json, serve, type Asked } from '../../test/cli/serve.ts';
import { LATER } from './later.ts';

const NOWHERE = { GOFLEET_URL: 'http://127.0.0.1:9' };

async function file(name: string, text: string): Promise<string> {
  const path = join(await mkdtemp(join(tmpdir(), 'gofleet-cli-')), name);
  await writeFile(path, text);
  return path;
}

describe('wrong use ends with 2 and says what is right', () => {
  it.each([
    ['', 'Usage: gofleet'],
    ['rollout', 'Usage: gofleet rollout'],
    ['rolout list', "unknown command 'rolout'"],
    ['rollout list --colour', "unknown option '--colour'"],
    ['rollout status', "missing required argument 'id'"],
    ['rollout status a b', 'too many arguments'],
    ['rollout resume X --mode maybe', 'Allowed choices are continue, retry'],
    ['rollout resume X --acknowledge many', 'whole number'],
    ['rollout rollback X --scope most', 'Allowed choices are failed, batch, all, hosts'],
    ['rollout hosts X --state broken', 'Allowed choices are pending'],
    ['rollout start /no/such/plan.yaml', 'the plan /no/such/plan.yaml cannot be read'],
    ['plan /no/such/plan.yaml', 'the plan /no/such/plan.yaml cannot be read'],
    ['rollout list --url controller', 'is no URL of a controller'],
    ['token create', 'neither --role nor --worker'],
    ['token create --worker', '--worker and --site belong together'],
    ['token create --role admin --worker', 'cannot be used with'],
    ['worker --site x --url http://h', '--redis is missing'],
    ['worker --url http://h', "required option '--site <name>'"],
    ['controller', '--redis is missing'],
    ['inventory list', "required option '-i, --inventory <path>'"],
    ['inventory list -i /no/such/inventory', 'there is no such inventory'],
  ])('gofleet %s', async (line, said) => {
    const { code, stderr } = await run(line.split(' ').filter((word) => word !== ''));
    expect(stderr).toContain(said);
    expect(code).toBe(2);
  });
});

const LATER_COMMANDS = Object.entries(LATER).flatMap(([group, commands]) =>
  commands.map((name) => `${group} ${name}`.trim()),
);

it.each(LATER_COMMANDS)('gofleet %s is known and not supported yet', async (command) => {
  const { code, stderr } = await run([...command.split(' '), 'X', '--some', 'option'], NOWHERE);
  expect(stderr).toContain(`"gofleet ${command}" is not part of this release (not_supported_yet)`);
  expect(code).toBe(2);
});

it.each([['--help'], ['--version'], ['help'], ['rollout --help'], ['help rollout']])(
  'gofleet %s ends with 0',
  async (line) => {
    expect((await run(line.split(' '))).code).toBe(0);
  },
);

it('a controller that is not there ends with 3', async () => {
  const { code, stderr } = await run(['rollout', 'list', '--data', '/no/such/folder']);
  expect(code).toBe(3);
  expect(stderr).toContain('/no/such/folder has no controller.json');
});

it('errors are one object in JSON where that was asked for', async () => {
  const { code, stdout, stderr } = await run(['rollout', 'list', '--json'], {
    GOFLEET_URL: 'http://127.0.0.1:1',
  });
  expect(code).toBe(3);
  expect(stdout).toBe('');
  expect(JSON.parse(stderr)).toMatchObject({ code: 'unavailable' });
});

describe('rollout start', () => {
  const created = rolloutOf({ state: 'running', reason: null, warnings: ['2 hosts have no key'] });

  it('posts the plan as it is, with the limit', async () => {
    const server = await serve((_, response) => json(response, 201, created));
    const plan = await file('plan.yaml', 'kind: RolloutPlan # as it is\n');
    const hosts = await file('retry.txt', 'web1\n\n# gone\nweb2\n');
    const words = ['rollout', 'start', plan, '--limit', `@${hosts}`, '--url', server.url];
    const { code, stdout } = await run(words, { GOFLEET_TOKEN: 'mine' });
    expect(code).toBe(0);
    expect(stdout).toContain('warning: 2 hosts have no key');
    expect(server.asked).toMatchObject([
      {
        method: 'POST',
        path: '/v1/rollouts?limit=web1%2Cweb2',
        body: 'kind: RolloutPlan # as it is\n',
        headers: { 'content-type': 'application/yaml', authorization: 'Bearer mine' },
      },
    ]);
  });

  it('names the line of each fault in the file that was given', async () => {
    const server = await serve((_, response) =>
      json(response, 400, {
        code: 'invalid_file',
        detail: 'plan line 7: strategy.batches[0].sise: unknown key (and 1 more)',
        remedy: 'Correct the places that are named and try again.',
        errors: [
          {
            path: 'strategy.batches[0].sise',
            line: 7,
            message: 'unknown key `sise`; nearest: `size`',
          },
          { path: 'bundle', message: 'is missing' },
        ],
      }),
    );
    const plan = await file('plan.yaml', 'kind: RolloutPlan\n');
    const { code, stderr } = await run(['rollout', 'start', plan, '--url', server.url]);
    expect(code).toBe(2);
    expect(stderr.split('\n')).toEqual([
      'error: plan line 7: strategy.batches[0].sise: unknown key (and 1 more) (invalid_file)',
      `  ${plan}:7: strategy.batches[0].sise: unknown key \`sise\`; nearest: \`size\``,
      `  ${plan}: bundle: is missing`,
      'remedy: Correct the places that are named and try again.',
      '',
    ]);
  });

  it.each([
    ['succeeded', null, 0],
    ['completed_with_errors', null, 1],
    ['rolled_back', null, 1],
    ['paused', 'failure_budget', 1],
  ] as const)('--wait to the end: %s (%s) ends with %i', async (state, code, exit) => {
    const reason = code === null ? null : { code, message: 'too many', decision: 3 };
    const server = await serve(({ method, path }, response) => {
      if (path.endsWith('/events')) response.writeHead(200).write(': open\n\n');
      else if (method === 'POST') json(response, 201, created);
      else json(response, 200, rolloutOf({ state, reason }));
    });
    const plan = await file('plan.yaml', 'kind: RolloutPlan\n');
    const ran = await run(['rollout', 'start', plan, '--wait', '--url', server.url]);
    expect(ran.code).toBe(exit);
    expect(ran.stdout).toContain(
      `gofleet rollout rollback 01JEXAMPLE --scope batch --url ${server.url}`,
    );
    await server.stop();
  });
});

it('rollout watch --json prints every change, one a line, the last is how it ended', async () => {
  let looks = 0;
  const server = await serve(({ path }, response) => {
    if (path.endsWith('/events')) response.writeHead(200).write('id: 1\ndata: {"at":""}\n\n');
    else {
      looks += 1;
      const state = looks < 2 ? ('running' as const) : ('succeeded' as const);
      json(response, 200, rolloutOf({ state, reason: null }));
    }
  });
  const { code, stdout, stderr } = await run([
    'rollout',
    'watch',
    'ID',
    '--json',
    '--url',
    server.url,
  ]);
  expect(code).toBe(0);
  expect(stderr).toBe('');
  const states = stdout
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { state: string }).state);
  expect(states).toEqual(['running', 'succeeded']);
  await server.stop();
});

describe('verbs', () => {
  function controller() {
    return serve(({ method }: Asked, response) => {
      if (method === 'GET') json(response, 200, rolloutOf(), { etag: '"7"' });
      else json(response, 202, rolloutOf({ state: 'running', reason: null }));
    });
  }

  it.each([
    ['pause ID', 'pause', {}],
    ['pause ID --inflight cancel --note why', 'pause', { inflight: 'cancel', note: 'why' }],
    ['resume ID', 'resume', {}],
    ['resume ID --mode continue --acknowledge 17', 'resume', { mode: 'continue', acknowledge: 17 }],
    ['retry ID --hosts a,b --hosts c', 'retry', { hosts: ['a', 'b', 'c'] }],
    ['retry ID --states failed,lost', 'retry', { states: ['failed', 'lost'] }],
    ['rollback ID', 'rollback', {}],
    ['rollback ID --scope batch --batch 2', 'rollback', { scope: 'batch', batch: 2 }],
    ['rollback ID --hosts a', 'rollback', { scope: 'hosts', hosts: ['a'] }],
    ['abort ID --inflight drain --rollback all', 'abort', { inflight: 'drain', rollback: 'all' }],
    ['abort ID --stop-rollback', 'abort', { stopRollback: true }],
  ])('gofleet rollout %s', async (line, verb, body) => {
    const server = await controller();
    const { code } = await run(['rollout', ...line.split(' '), '--url', server.url]);
    expect(code).toBe(0);
    const [, posted] = server.asked;
    expect(posted).toMatchObject({
      method: 'POST',
      path: `/v1/rollouts/ID/${verb}`,
      headers: { 'if-match': '"7"' },
    });
    expect(JSON.parse(posted?.body ?? '')).toEqual(body);
  });

  it('says what may be done instead of what may not', async () => {
    const server = await serve(({ method }, response) => {
      if (method === 'GET') json(response, 200, rolloutOf(), { etag: '"7"' });
      else
        json(response, 409, {
          code: 'conflict',
          detail: 'the rollout is paused',
          remedy: 'Do one of these.',
          errors: [],
          allowedActions: ['abort'],
        });
    });
    const { code, stderr } = await run(['rollout', 'pause', 'ID', '--url', server.url]);
    expect(code).toBe(1);
    expect(stderr).toContain('allowed now:\n  gofleet rollout abort ID --url');
  });
});

describe('rollout hosts', () => {
  it('--names prints names alone, over all pages', async () => {
    const server = await serve(({ path }, response) =>
      json(
        response,
        200,
        path.includes('cursor')
          ? { items: [{ name: 'web2' }], nextCursor: null }
          : { items: [{ name: 'web1' }], nextCursor: 'c' },
      ),
    );
    const words = ['rollout', 'hosts', 'ID', '--state', 'failed', '--names', '--url', server.url];
    expect(await run(words)).toMatchObject({ code: 0, stdout: 'web1\nweb2\n' });
    expect(server.asked[0]?.path).toBe('/v1/rollouts/ID/hosts?limit=1000&state=failed');
  });
});

it('takes more from the command line than from the environment', async () => {
  const server = await serve((_, response) => json(response, 200, { items: [], nextCursor: null }));
  const words = ['token', 'list', '--url', server.url, '--token', 'typed'];
  const { code } = await run(words, { ...NOWHERE, GOFLEET_TOKEN: 'of the environment' });
  expect(code).toBe(0);
  expect(server.asked[0]?.headers.authorization).toBe('Bearer typed');
});
