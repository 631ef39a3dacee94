import { existsSync } from 'node:fs';
import { readdir, readFile, readlink, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startLab, type Lab } from '../lab/index.ts';
import { cli, plan, startStack, syntheticBundle, traffic, type Stack } from '../stack/index.ts';

const CHILDREN = ['redis', 'controller', 'worker'] as const;

let lab: Lab;
let stack: Stack;

beforeAll(async () => {
  lab = await startLab({ hosts: ['a', 'b', 'c'].map((name) => ({ name, diskMb: 96 })) });
  stack = await startStack({ lab });
  await stack.import(await syntheticBundle({ versions: ['1.21.5'], megabytes: 2 }));
});
afterAll(async () => {
  await stack[Symbol.asyncDispose]();
  await rm(stack.data, { recursive: true, force: true });
  await lab.stop();
});

function pids(): Promise<number[]> {
  return Promise.all(CHILDREN.map((child) => stack.pid(child)));
}

/** A zombie that nobody has asked after yet is as dead as can be. */
async function isAlive(pid: number): Promise<boolean> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  return text !== undefined && !/\) [ZX] /.test(text);
}

async function untilReady(): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    const answer = await stack.api.get('/readyz').catch(() => undefined);
    if (answer?.status === 200) return;
    await sleep(100);
  }
  throw new Error(`not ready again: ${await stack.output()}`);
}

it('keeps everything to its user: folders, socket, no port of Redis', async () => {
  const socket = await stack.redisSocket();
  expect(Buffer.byteLength(socket)).toBeLessThan(108);
  const folder = await stat(dirname(socket));
  expect(folder.mode & 0o777).toBe(0o700);
  for (const name of ['inventory', 'playbooks', 'keys', 'secrets', 'notify', 'run'])
    expect((await stat(join(stack.data, name))).mode & 0o077).toBe(0);
  const status = await readFile(`/proc/${await stack.pid('redis')}/net/tcp`, 'utf8');
  const inodes = await socketsOf(await stack.pid('redis'));
  expect(status.split('\n').filter((line) => inodes.some((inode) => line.includes(inode)))).toEqual(
    [],
  );
});

it('refuses a second one on the same data, and says so', async () => {
  const second = await cli(['up', '--data', stack.data, '--listen', '127.0.0.1:0']);
  expect(second.code).toBe(1);
  expect(second.stderr).toMatch(/already running/);
  expect(await pids()).toHaveLength(3);
  await untilReady();
});

it.each(CHILDREN)('starts a %s that died again, at the same address', async (child) => {
  const before = await stack.pid(child);
  process.kill(before, 'SIGKILL');
  for (let tries = 0; tries < 100 && (await stack.pid(child)) === before; tries++) await sleep(100);
  expect(await stack.pid(child)).not.toBe(before);
  await untilReady();
});

it('finds a corrupt blob before a byte is used: the host waits, and it is alerted', async () => {
  const [blob = ''] = await blobs();
  const good = await readFile(blob);
  await writeFile(blob, Buffer.concat([good.subarray(0, -1), Buffer.from('!')]));
  const { id } = await stack.api.start(plan({ name: 'corrupt', targets: 'a' }));
  const held = await stack.api.until(id, ({ reason }) => reason?.code === 'site_unavailable');
  expect(held).toMatchObject({ state: 'running', counts: { pending: 1, failed: 0 } });
  expect(held.reason?.message).toContain('blob');
  const host = lab.hosts[0];
  if (host) expect((await traffic(host)).bytesIn).toBeLessThan(500_000);
  expect(await alerts(id)).not.toEqual([]);
  await writeFile(blob, good);
  await stack.api.untilState(id, 'succeeded');
});

it('ends within 40 s while hosts are at work, and the rollout goes on at the next start', async () => {
  await Promise.all(lab.hosts.map((host) => host.link({ bytesPerSecond: 100_000 })));
  const { id } = await stack.api.start(plan({ name: 'interrupted', targets: 'b:c' }));
  await stack.api.until(id, ({ counts }) => counts.running === 2);
  const children = await pids();
  const began = Date.now();
  expect(await stack.stop()).toBe(0);
  expect(Date.now() - began).toBeLessThan(40_000);
  for (const pid of children) expect(await isAlive(pid)).toBe(false);
  expect(existsSync(join(stack.data, 'controller.json'))).toBe(false);
  expect(await readdir(join(stack.data, 'run'))).not.toContain('up.pid');
  await Promise.all(lab.hosts.map((host) => host.link({})));
  stack = await startStack({ data: stack.data });
  await stack.api.untilState(id, 'succeeded');
});

it('takes its children with it, however it ends', async () => {
  const children = await pids();
  process.kill(await stack.pid('up'), 'SIGKILL');
  for (let tries = 0; tries < 350; tries++) {
    const alive = await Promise.all(children.map(isAlive));
    if (!alive.includes(true)) break;
    await sleep(100);
  }
  expect(await Promise.all(children.map(isAlive))).toEqual([false, false, false]);
  stack = await startStack({ data: stack.data });
});

it('ends at the next start what was left over', async () => {
  const controller = await stack.pid('controller');
  process.kill(controller, 'SIGSTOP');
  process.kill(await stack.pid('up'), 'SIGKILL');
  await sleep(500);
  expect(await isAlive(controller)).toBe(true);
  stack = await startStack({ data: stack.data });
  expect(await isAlive(controller)).toBe(false);
});

async function blobs(): Promise<string[]> {
  const folder = join(stack.data, 'blobs/sha256');
  const names = await readdir(folder, { recursive: true });
  return names.filter((name) => name.length > 60).map((name) => join(folder, name));
}

async function alerts(id: string): Promise<string[]> {
  const aborted = new AbortController();
  const answer = await fetch(`${stack.api.url}/v1/rollouts/${id}/events?format=ndjson`, {
    headers: { authorization: `Bearer ${stack.api.token}` },
    signal: aborted.signal,
  });
  const reader = answer.body?.getReader();
  const first = await reader?.read();
  aborted.abort();
  const lines = Buffer.from(first?.value ?? [])
    .toString('utf8')
    .split('\n');
  return lines.filter((line) => line.includes('"type":"alert"'));
}

async function socketsOf(pid: number): Promise<string[]> {
  const names = await readdir(`/proc/${pid}/fd`);
  const links = await Promise.all(
    names.map((name) => readlink(`/proc/${pid}/fd/${name}`).catch(() => '')),
  );
  return links.flatMap((link) => /socket:\[(\d+)\]/.exec(link)?.[1] ?? []);
}
