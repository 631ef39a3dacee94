import { spawn } from 'node:child_process';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NewToken, Rollout } from '#api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { startLab, type Lab } from '../lab/index.ts';
import {
  cli,
  install,
  MAIN,
  plan,
  startStack,
  syntheticBundle,
  type Stack,
} from '../stack/index.ts';

let lab: Lab;
let stack: Stack;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gofleet-cli-'));
  lab = await startLab({ hosts: ['w1', 'w2', 'w3', 'w4'].map((name) => ({ name, diskMb: 96 })) });
  stack = await startStack({ lab });
  await stack.import(await syntheticBundle({ versions: ['1.21.5', '1.21.6'], megabytes: 1 }));
});

afterAll(async () => {
  await stack[Symbol.asyncDispose]();
  await lab.stop();
});

/** Writes a plan for two batches of two hosts. */
async function planFile(version: string): Promise<string> {
  const file = join(folder, `${version}.yaml`);
  const strategy = { batches: [{ size: 2, maxFailures: 0 }], concurrency: 2 };
  await writeFile(
    file,
    stringify(plan({ name: `go-${version}`, playbook: install(version), strategy })),
  );
  return file;
}

async function latest(): Promise<Rollout> {
  const { stdout } = await stack.cli('rollout', 'list', '--json');
  const [newest] = JSON.parse(stdout) as Rollout[];
  return stack.api.rollout(newest?.id ?? '');
}

it('start --wait ends with 0 when every host succeeded, and prints one object with --json', async () => {
  const unsigned = 'warning: bundle synthetic: the bundle is not signed\n';
  const ran = await stack.cli('rollout', 'start', await planFile('1.21.5'), '--wait', '--json');
  expect(ran).toMatchObject({ code: 0, stderr: unsigned });
  expect(JSON.parse(ran.stdout)).toMatchObject({ state: 'succeeded', counts: { succeeded: 4 } });
});

it('--limit narrows the targets, by pattern and by file', async () => {
  const list = join(folder, 'list.txt');
  await writeFile(list, 'w2\nw3\n');
  for (const [limit, hosts] of [
    ['w4', ['w4']],
    [`@${list}`, ['w2', 'w3']],
  ] as const) {
    const file = await planFile('1.21.5');
    const ran = await stack.cli('rollout', 'start', file, '--limit', limit, '--wait', '--json');
    expect(ran.code).toBe(0);
    const { id } = JSON.parse(ran.stdout) as Rollout;
    const names = await stack.cli('rollout', 'hosts', id, '--names');
    expect(names.stdout.trim().split('\n').toSorted()).toEqual(hosts);
  }
  const none = await stack.cli('rollout', 'start', await planFile('1.21.5'), '--limit', 'w9');
  expect(none).toMatchObject({ code: 2 });
});

describe('a rollout that a gate pauses', () => {
  it('ends --wait with 1 and says why, and what may be done', async () => {
    await lab.hosts[1]?.fill();
    const ran = await stack.cli('rollout', 'start', await planFile('1.21.6'), '--wait');
    const { id, state, reason } = await latest();
    expect(ran.code).toBe(1);
    expect(state).toBe('paused');
    expect(ran.stdout).toContain(`failure_budget: ${reason?.message}`);
    expect(ran.stdout).toContain(`gofleet rollout rollback ${id} --scope batch`);
    expect(ran.stdout).toContain(
      `gofleet rollout resume ${id} --mode continue --acknowledge ${reason?.decision}`,
    );
    expect(ran.stderr).toMatch(/w2 failed: disk/);
    expect((await stack.cli('rollout', 'watch', id)).code).toBe(1);
  });

  it('shows the failed hosts, by name alone too, and the log of each', async () => {
    const { id } = await latest();
    const failed = await stack.cli('rollout', 'hosts', id, '--state', 'failed', '--names');
    expect(failed).toMatchObject({ code: 0, stdout: 'w2\n' });
    expect((await stack.cli('rollout', 'hosts', id)).stdout).toMatch(
      /^w2 +default +1 +failed +disk/m,
    );
    expect((await stack.cli('rollout', 'log', id, 'w2')).stdout).toContain('disk');
  });

  it('refuses with 1 what its state does not allow, and names what it does', async () => {
    const { id } = await latest();
    const ran = await stack.cli('rollout', 'pause', id);
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain(`gofleet rollout abort ${id}`);
  });

  it('is rolled back, and retried once the disk is free', async () => {
    const { id } = await latest();
    const back = await stack.cli('rollout', 'rollback', id, '--scope', 'batch', '--note', 'full');
    expect(back.code).toBe(0);
    expect(back.stdout).toContain('rolling back (batch 1)');
    await stack.api.untilState(id, 'paused');
    await lab.hosts[1]?.free();
    expect((await stack.cli('rollout', 'resume', id, '--mode', 'retry')).code).toBe(0);
    const watched = await stack.cli('rollout', 'watch', id);
    expect(watched.code).toBe(0);
    expect((await latest()).counts.succeeded).toBe(4);
  });
});

it('watch survives a controller that is killed and started again', async () => {
  await Promise.all(lab.hosts.map((host) => host.link({ bytesPerSecond: 200_000 })));
  const file = await planFile('1.21.5');
  const started = await stack.cli('rollout', 'start', file, '--json');
  const { id } = JSON.parse(started.stdout) as Rollout;
  const data = ['--data', stack.data];
  const watching = spawn(process.execPath, [MAIN, 'rollout', 'watch', id, ...data], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  watching.stderr.on('data', (bytes: Buffer) => (said += bytes.toString()));
  const ended = new Promise<number | null>((resolve) => watching.once('close', resolve));
  await stack.api.until(id, ({ counts }) => counts.running > 0 && said !== '');
  process.kill(await stack.pid('controller'), 'SIGKILL');
  await Promise.all(lab.hosts.map((host) => host.link({})));
  expect(await ended).toBe(0);
  expect(said).toContain('does not answer');
  expect(said).toContain('the controller answers again');
});

describe('who may do what', () => {
  it('4 without a token, and for a viewer who wants more than to look', async () => {
    const made = await stack.cli('token', 'create', '--role', 'viewer', '--json');
    const { secret, id } = JSON.parse(made.stdout) as NewToken;
    const url = { GOFLEET_URL: stack.api.url };
    const viewer = { ...url, GOFLEET_TOKEN: secret };
    const file = await planFile('1.21.6');
    expect((await cli(['rollout', 'list'], { ...url, GOFLEET_TOKEN: 'wrong' })).code).toBe(4);
    expect((await cli(['rollout', 'list'], viewer)).code).toBe(0);
    expect((await cli(['rollout', 'start', file], viewer)).code).toBe(4);
    expect((await cli(['hosts', 'adopt', 'w*'], viewer)).code).toBe(4);
    expect((await stack.cli('token', 'revoke', id)).code).toBe(0);
    expect((await cli(['rollout', 'list'], viewer)).code).toBe(4);
  });

  it('finds the embedded controller by its data folder', async () => {
    const env = { GOFLEET_URL: '', GOFLEET_TOKEN: '' };
    expect((await cli(['rollout', 'list', '--data', stack.data], env)).code).toBe(0);
    expect(await readFile(join(stack.data, 'token'), 'utf8')).toMatch(/\S/);
  });
});

it.each([
  [['rollout', 'status', '01JNOSUCHROLLOUT'], 1],
  [['rollout', 'log', '01JNOSUCHROLLOUT', 'w1'], 1],
  [['rollout', 'approve', '01JNOSUCHROLLOUT'], 1],
])('gofleet %j ends with %i', async (words, code) => {
  expect((await stack.cli(...words)).code).toBe(code);
});
