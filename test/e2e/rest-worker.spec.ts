import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startLab, type Lab } from '../lab/index.ts';
import { MAIN, plan, startStack, syntheticBundle, type Stack } from '../stack/index.ts';

let lab: Lab;
let stack: Stack;
let folder: string;
let worker: ChildProcess | undefined;
let first: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gofleet-worker-'));
  lab = await startLab({
    hosts: ['a', 'b'].map((name) => ({ name, diskMb: 96, vars: { site: 'plant' } })),
  });
  stack = await startStack({ lab });
  await stack.import(await syntheticBundle({ versions: ['1.21.5'] }));
});
afterAll(async () => {
  worker?.kill('SIGKILL');
  await stack[Symbol.asyncDispose]();
  await lab.stop();
  await rm(folder, { recursive: true });
});

/** `gofleet worker` by itself, for the site `plant`, with a cache and the lab's keys. */
async function startWorker(): Promise<ChildProcess> {
  const token = join(folder, 'token');
  const body = { role: 'worker', site: 'plant' };
  const made = await stack.api.post<{ secret: string }>('/v1/tokens', body);
  await writeFile(token, `${made.body.secret}\n`, { mode: 0o600 });
  const options = {
    site: 'plant',
    url: stack.api.url,
    redis: `unix://${await stack.redisSocket()}`,
    'token-file': token,
    cache: join(folder, 'cache'),
    keys: lab.keys,
    secrets: lab.secrets,
    config: join(folder, 'worker.yaml'),
  };
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
  const out = openSync(join(folder, 'log'), 'a');
  return spawn(process.execPath, [MAIN, 'worker', ...args], { stdio: ['ignore', out, out] });
}

async function stopWorker(): Promise<number | null> {
  if (!worker) return null;
  const ended = once(worker, 'exit') as Promise<[number | null]>;
  worker.kill('SIGTERM');
  return (await ended)[0];
}

async function cachedBlobs(): Promise<string[]> {
  const names = await readdir(join(folder, 'cache'), { recursive: true });
  return names
    .filter((name) => /sha256\/..\/[0-9a-f]{64}$/.test(name))
    .map((name) => join(folder, 'cache', name));
}

it('waits where no worker is at the site', async () => {
  ({ id: first } = await stack.api.start(plan({ name: 'plant', targets: 'a' })));
  const waiting = await stack.api.until(first, ({ reason }) => reason?.code === 'no_worker');
  expect(waiting).toMatchObject({ state: 'running', counts: { pending: 1, running: 0 } });
});

it('uses no key that worker.yaml does not allow: the host goes back', async () => {
  worker = await startWorker();
  const held = await stack.api.until(first, ({ reason }) => reason?.code === 'site_unavailable');
  expect(held).toMatchObject({ state: 'running', counts: { pending: 1, failed: 0 } });
  expect(await stopWorker()).toBe(0);
});

it('works from a cache of its own once it may', async () => {
  await writeFile(
    join(folder, 'worker.yaml'),
    'allow:\n  - { keys: ["*"], hosts: all, networks: [127.0.0.0/8] }\n',
  );
  worker = await startWorker();
  await stack.api.untilState(first, 'succeeded');
  expect(await cachedBlobs()).toHaveLength(1);
});

it('fetches a corrupt blob of its cache again', async () => {
  expect(await stopWorker()).toBe(0);
  const [blob = ''] = await cachedBlobs();
  const good = await readFile(blob);
  await writeFile(blob, Buffer.concat([good.subarray(0, -1), Buffer.from('!')]));
  worker = await startWorker();
  const { id } = await stack.api.start(plan({ name: 'again', targets: 'b' }));
  await stack.api.untilState(id, 'succeeded');
  expect((await readFile(blob)).equals(good)).toBe(true);
});

it('ends within seconds when asked to, with nothing at work', async () => {
  const began = Date.now();
  expect(await stopWorker()).toBe(0);
  expect(Date.now() - began).toBeLessThan(5000);
});
