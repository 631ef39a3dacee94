import { spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startLab, type Lab, type LabHost } from '../lab/index.ts';
import {
  cli,
  install,
  MAIN,
  plan,
  startStack,
  syntheticBundle,
  watchSwitches,
  type Stack,
} from '../stack/index.ts';

const NORTH = ['n1', 'n2', 'n3', 'n4', 'n5', 'n6'];
const SOUTH = ['s1', 's2'];

let lab: Lab;
let stack: Stack;

beforeAll(async () => {
  const at = (site: string) => (name: string) => ({ name, diskMb: 64, vars: { site } });
  lab = await startLab({ hosts: [...NORTH.map(at('north')), ...SOUTH.map(at('south'))] });
  stack = await startStack({ lab });
  const versions = ['1.21.5', '1.21.6', '1.21.7'];
  await stack.import(await syntheticBundle({ versions, megabytes: 2 }));
});
afterAll(async () => {
  await stack[Symbol.asyncDispose]();
  await lab.stop();
});

/** A worker by itself, as a site has it. */
interface Worker extends AsyncDisposable {
  pid: number | undefined;
  kill(signal: NodeJS.Signals): void;
  /** Its exit code, once it has ended. */
  ended: Promise<number | null>;
}

async function tokenOf(site: string): Promise<string> {
  const created = await stack.api.post<{ secret: string }>('/v1/tokens', {
    name: `worker ${site}`,
    role: 'worker',
    site,
  });
  expect(created.status, JSON.stringify(created.body)).toBe(201);
  return created.body.secret;
}

let workers = 0;

async function startWorker(site: string, token: string): Promise<Worker> {
  workers += 1;
  const folder = join(stack.data, `worker-${workers}`);
  await mkdir(folder);
  const rule = { keys: ['lab'], secrets: ['*'], hosts: 'all', networks: ['127.0.0.0/8'] };
  await writeFile(join(folder, 'worker.yaml'), JSON.stringify({ allow: [rule] }));
  const child = spawn(
    process.execPath,
    [
      MAIN,
      'worker',
      `--site=${site}`,
      `--url=${stack.api.url}`,
      `--token=${token}`,
      `--redis=unix://${await stack.redisSocket()}`,
      `--cache=${join(folder, 'cache')}`,
      `--config=${join(folder, 'worker.yaml')}`,
      `--keys=${lab.keys}`,
      `--secrets=${lab.secrets}`,
      '--concurrency=3',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const taking = Promise.withResolvers<void>();
  child.stderr.on('data', (bytes: Buffer) => {
    if (bytes.toString().includes('taking invitations')) taking.resolve();
  });
  await Promise.race([taking.promise, ended]);
  return {
    pid: child.pid,
    kill: (signal) => void child.kill(signal),
    ended,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

function hostNamed(name: string): LabHost {
  const host = lab.hosts.find((each) => each.name === name);
  if (!host) throw new Error(`no host ${name}`);
  return host;
}

/** Bytes of an upload that is not complete. */
async function partOf(host: LabHost): Promise<number> {
  return Number((await host.run('cat /opt/gofleet/staging/*.part | wc -c')).stdout);
}

it('the hosts of a worker that was killed are at work elsewhere within 20 s, and none is switched twice', async () => {
  const [north, south] = [await tokenOf('north'), await tokenOf('south')];
  await using first = await startWorker('north', north);
  await using _second = await startWorker('north', north);
  await using _third = await startWorker('south', south);
  for (const host of lab.hosts) await host.link({ bytesPerSecond: 100_000 });
  using switches = watchSwitches(lab.hosts);
  const { id } = await stack.api.start(
    plan({ name: 'a worker dies', playbook: install('1.21.5') }),
  );
  await stack.api.until(id, ({ counts }) => counts.running === lab.hosts.length, 30);
  const before = await stack.api.hosts(id);
  const byWorker = Map.groupBy(before, ({ worker }) => worker);
  expect(byWorker.size).toBe(3);
  const [killed, its] = [...byWorker].find(([worker]) => worker?.includes(`-${first.pid}-`))!;
  expect(its).toHaveLength(3);

  first.kill('SIGKILL');
  const killedAt = performance.now();
  const names = new Set(its.map(({ name }) => name));
  for (const host of lab.hosts) if (!names.has(host.name)) await host.link({});
  for (;;) {
    const now = (await stack.api.hosts(id)).filter(({ name }) => names.has(name));
    if (now.every(({ worker, state }) => worker !== killed && state !== 'pending')) break;
    expect(performance.now() - killedAt).toBeLessThan(20_000);
    await sleep(50);
  }
  for (const host of lab.hosts) await host.link({});
  const end = await stack.api.untilState(id, ['succeeded', 'paused'], 60);
  expect(end).toMatchObject({ state: 'succeeded', counts: { succeeded: lab.hosts.length } });
  expect(Object.fromEntries(switches.seen)).toEqual(
    Object.fromEntries(lab.hosts.map(({ name }) => [name, 1])),
  );
});

it("a worker's token is good for its own site alone", async () => {
  const south = await tokenOf('south');
  const wrong = await cli(
    ['worker', '--site', 'north', '--redis', `unix://${await stack.redisSocket()}`, '--cache', 'x'],
    { GOFLEET_URL: stack.api.url, GOFLEET_TOKEN: south },
  );
  expect(wrong.code).toBe(2);
  expect(wrong.stderr).toContain('the token is for the site south, not north');
  const { id } = await stack.api.start(
    plan({ name: 'foreign', targets: 'n1', playbook: install('1.21.5') }),
  );
  await stack.api.until(id, ({ reason }) => reason?.code === 'no_worker', 30);
  const claim = await stack.api.as(south).post('/v1/worker/claims', {
    protocol: 1,
    release: '0',
    worker: 'w',
    invitation: { rollout: id, host: 0, delivery: 1 },
  });
  expect(claim.status, JSON.stringify(claim.body)).toBe(403);
  await using _own = await startWorker('north', await tokenOf('north'));
  await stack.api.untilState(id, 'succeeded', 60);
});

it('a worker that is asked to end drains: uploads stop and are kept, a check finishes, no host is begun', async () => {
  const [slow, checking] = SOUTH.map(hostNamed) as [LabHost, LabHost];
  await slow.link({ bytesPerSecond: 100_000 });
  await checking.link({});
  const south = await tokenOf('south');
  await using worker = await startWorker('south', south);
  const { operations } = install('1.21.6');
  const check = { command: '[ "$(uname -n)" != s2 ] || sleep 12; go version', expect: 'go1.21.6' };
  const playbook = {
    ...install('1.21.6'),
    operations: [...operations.slice(0, 2), { 'health-check': { checks: [check] } }],
  };
  const { id } = await stack.api.start(plan({ name: 'drain', targets: 's1:s2', playbook }));
  using switches = watchSwitches([checking]);
  await stack.api.until(id, ({ counts }) => counts.running === 2, 30);
  await switches.first();
  while (!((await partOf(slow)) > 50_000)) await sleep(100);
  worker.kill('SIGTERM');
  const askedAt = performance.now();
  expect(await worker.ended).toBe(0);
  const took = performance.now() - askedAt;
  expect(took).toBeGreaterThan(5000);
  expect(took).toBeLessThan(30_000);
  const { counts } = await stack.api.rollout(id);
  expect(counts).toMatchObject({ succeeded: 1, pending: 1, failed: 0, lost: 0 });
  const part = await partOf(slow);
  expect(part).toBeGreaterThan(50_000);

  const before = (await slow.counters()).bytesIn;
  await slow.link({});
  await using _next = await startWorker('south', south);
  await stack.api.untilState(id, 'succeeded', 60);
  expect((await slow.counters()).bytesIn - before).toBeLessThan(2_000_000 - part + 100_000);
});
