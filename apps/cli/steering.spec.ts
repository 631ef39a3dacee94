import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { rolloutOf } from '../../test/cli/rollout.ts';
import { run } from '../../test/cli/run.ts';
import { json, serve } from '../../test/cli/serve.ts';

it.each([
  ['approve X --note read', 'approve', { planDigest: 'sha256:abc', note: 'read' }],
  ['approve X --plan-digest sha256:other', 'approve', { planDigest: 'sha256:other' }],
  ['deny X', 'deny', {}],
  ['advance X --note now', 'advance', { note: 'now' }],
  ['skip X --hosts h1,h2', 'skip', { hosts: ['h1', 'h2'] }],
  ['skip X --states pending', 'skip', { states: ['pending'] }],
  ['refresh X --hosts h1 --inventory prod', 'refresh', { hosts: ['h1'], inventory: 'prod' }],
  ['extend X --targets web', 'extend', { targets: 'web' }],
  ['extend X --targets web --size 25%', 'extend', { targets: 'web', batches: [{ size: '25%' }] }],
  ['resume X --mode skip-batch --batch 2', 'resume', { mode: 'skip-batch', batch: 2 }],
])(
  'gofleet rollout %s sends what it says, of the rollout as it was read',
  async (line, verb, body) => {
    const server = await serve(({ method }, response) =>
      json(response, method === 'GET' ? 200 : 202, rolloutOf(), { etag: '"7"' }),
    );
    const ran = await run(['rollout', ...line.split(' '), '--url', server.url]);
    expect(ran.code).toBe(0);
    const [, sent] = server.asked;
    expect(sent).toMatchObject({
      method: 'POST',
      path: `/v1/rollouts/X/${verb}`,
      headers: { 'if-match': '"7"' },
    });
    expect(JSON.parse(sent?.body ?? '')).toEqual(body);
  },
);

it.each([
  [['--concurrency', '20'], { concurrency: 20 }],
  [['--max-failures', '5%', '--delay', '2m'], { budgets: { maxFailures: '5%' }, delays: '2m' }],
  [
    ['--batch', '3', '--max-failures', '4', '--delay', '1m'],
    { budgets: { batches: { '3': { maxFailures: 4 } } }, delays: { '3': '1m' } },
  ],
  [['--max-same-signature', '2'], { budgets: { maxSameSignature: 2 } }],
  [
    ['--window', 'sat,sun 01:00-05:00 host', '--window', '22:00-23:00'],
    {
      windows: [
        { from: '01:00', to: '05:00', days: ['sat', 'sun'], timezone: 'host' },
        { from: '22:00', to: '23:00' },
      ],
    },
  ],
  [['--no-windows', '--note', 'now'], { windows: [], note: 'now' }],
])('gofleet rollout set X %j', async (words, body) => {
  const server = await serve(({ method }, response) =>
    json(response, method === 'GET' ? 200 : 202, rolloutOf(), { etag: '"7"' }),
  );
  const ran = await run(['rollout', 'set', 'X', ...words, '--url', server.url]);
  expect(ran).toMatchObject({ code: 0 });
  const [, sent] = server.asked;
  expect(sent).toMatchObject({ method: 'PATCH', path: '/v1/rollouts/X' });
  expect(sent?.headers['if-match']).toBe('"7"');
  expect(JSON.parse(sent?.body ?? '')).toEqual(body);
});

it.each([
  [['rollout', 'set', 'X', '--batch', '2'], '--batch goes with'],
  [['rollout', 'set', 'X', '--window', 'at night'], 'sat,sun 01:00-05:00'],
  [['rollout', 'extend', 'X'], "required option '--targets <pattern>'"],
  [['rollout', 'extend', 'X', '--targets', 'a', '--size', 'some'], 'a share such as 25%'],
  [['rollout', 'refresh', 'X', '--inventory', '@/no/such/file'], '/no/such/file cannot be read'],
  [['freeze', 'start'], "required option '--note <text>'"],
  [['fleet', 'quarantine', 'h1'], "required option '--note <text>'"],
  [['token', 'create', '--worker', '--site', 'x', '--approve'], '--approve is for people'],
])('gofleet %j is wrong use', async (words, said) => {
  const ran = await run(words, { GOFLEET_URL: 'http://127.0.0.1:9' });
  expect(ran.stderr).toContain(said);
  expect(ran.code).toBe(2);
});

it('sends the inventory of a file inline', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'gofleet-cli-'));
  await writeFile(join(folder, 'hosts.ini'), '[web]\nweb1');
  const server = await serve((_, response) => json(response, 200, rolloutOf()));
  const words = ['rollout', 'refresh', 'X', '--inventory', `@${join(folder, 'hosts.ini')}`];
  await run([...words, '--url', server.url]);
  expect(JSON.parse(server.asked[1]?.body ?? '')).toEqual({ inventory: '[web]\nweb1\n' });
});

it('says whether everything is frozen, with 1 where it is', async () => {
  const frozen = { frozen: true, at: 'T', who: 'ada', note: 'year end', rollbacks: false };
  const open = { frozen: false, at: null, who: null, note: null, rollbacks: false };
  for (const [present, code, text] of [
    [frozen, 1, 'frozen since T by ada: year end\nnothing starts but rollbacks\n'],
    [open, 0, 'nothing is frozen\n'],
  ] as const) {
    const server = await serve((_, response) => json(response, 200, present));
    const ran = await run(['freeze', 'status', '--url', server.url]);
    expect(ran).toMatchObject({ code, stdout: text });
  }
});

it('lists the fleet and shows one host of it', async () => {
  const host = {
    name: 'h1',
    site: 'dc1',
    epoch: 3,
    owner: null,
    changedBy: '01A',
    lastRollout: '01A',
    lastOutcome: 'succeeded',
    lastSeenAt: null,
    lastSucceededAt: null,
    adopt: false,
    facts: null,
    quarantine: { at: 'T', who: 'olga', note: 'bad disk' },
    drift: [{ key: 'go', wanted: '1.21.5', found: '1.20.1' }],
    health: { state: 'failing', message: 'go version: not found' },
    history: [
      {
        rollout: '01A',
        name: 'farm',
        bundle: 'go-1.21.5',
        playbook: 'install-go',
        createdAt: 'T',
        state: 'failed',
        code: 'disk',
        message: 'full',
        unchanged: false,
        changed: true,
        startedAt: null,
        endedAt: null,
      },
    ],
  };
  const server = await serve((_, response) =>
    json(response, 200, { items: [host], nextCursor: null }),
  );
  const listed = await run(['fleet', 'list', '--quarantined', '--url', server.url]);
  expect(listed.stdout).toContain('go 1.20.1 instead of 1.21.5');
  expect(server.asked[0]?.path).toContain('quarantined=true');
  const shown = await run(['fleet', 'show', 'h1', '--url', server.url]);
  expect(shown.stdout).toContain('failing: go version: not found');
  expect(shown.stdout).toContain('quarantine since T by olga: bad disk');
  expect(shown.stdout).toContain('disk: full');
});

it('keeps a host away and lets it back', async () => {
  const server = await serve(({ method }, response) =>
    method === 'DELETE'
      ? response.writeHead(204).end()
      : json(response, 200, { host: 'h1', at: 'T', who: 'olga', note: 'n', skippedIn: ['01A'] }),
  );
  const words = ['--url', server.url];
  const away = await run(['fleet', 'quarantine', 'h1', '--note', 'n', ...words]);
  expect(away).toMatchObject({ code: 0, stdout: 'h1 is in quarantine; skipped in 01A\n' });
  expect((await run(['fleet', 'release', 'h1', ...words])).code).toBe(0);
  expect(server.asked.map(({ method, path }) => `${method} ${path}`)).toEqual([
    'POST /v1/fleet/h1/quarantine',
    'DELETE /v1/fleet/h1/quarantine',
  ]);
});
