import type { Batch, Rollout } from '#api';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startLab, type Lab, type LabHost, type Listed } from '../lab/index.ts';
import { ssh } from '../lab/ssh.ts';
import { cli, footprint, plan, startStack, trafficOf, type Stack } from '../stack/index.ts';

const OLD = '1.21.5';
const NEW = '1.21.6';
const BATCHES = [
  { size: 3, delay: '1s', maxFailures: 1 },
  { size: 4, delay: '1s', maxFailures: 1 },
  { size: 5, maxFailures: 1 },
];

let lab: Lab;
let stack: Stack;
let work: string;

/** A real toolchain and a real pack on twelve hosts: the tests tell one story, in order. */
beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), 'gofleet-main-'));
  lab = await startLab({
    hosts: Array.from({ length: 12 }, (_, index) => ({
      name: `m${String(index + 1).padStart(2, '0')}`,
      diskMb: 1600,
      user: (['root', 'deploy', 'operator'] as const)[index % 3],
    })),
  });
  stack = await startStack({ lab });
  for (const version of [OLD, NEW]) await stack.import(await buildBundle(version));
});

afterAll(async () => {
  await stack[Symbol.asyncDispose]();
  await lab.stop();
  await rm(work, { recursive: true, force: true });
});

describe('a first rollout in batches of 3, 4 and 5', () => {
  it('ends with every host on the new Go, each batch after the gate of the one before', async () => {
    const { id } = await start(OLD, 'first');
    const end = await stack.api.untilState(id, ['succeeded', 'paused'], 600);
    expect(end).toMatchObject({ state: 'succeeded', counts: { succeeded: 12, unchanged: 0 } });
    expectInTurn(end.batches);
  });

  it('every host answers a plain `ssh host go version`', async () => {
    const answers = await Promise.all(lab.hosts.map((host) => ssh(lab, host, 'go version')));
    expect(answers.map(({ stdout }) => stdout)).toEqual(
      Array(12).fill(`go version go${OLD} linux/amd64\n`),
    );
  });

  it('every host has GOROOT and PATH in a login shell', async () => {
    const answers = await Promise.all(
      lab.hosts.map((host) =>
        host.run('echo "$GOROOT"; command -v go', { login: true, user: host.user }),
      ),
    );
    expect(answers.map(({ stdout }) => stdout.split('\n')[0])).toEqual(
      Array(12).fill('/usr/local/go'),
    );
    for (const { stdout } of answers) expect(stdout).toMatch(/\/usr\/local\/(go\/)?bin\/go\n/);
  });

  it('every host builds and tests the sample project with the network cut', async () => {
    const archive = await tarOf(resolve('examples/sample'));
    const [first, ...others] = lab.hosts as [LabHost, ...LabHost[]];
    await expectToBuild(first, archive);
    for (const host of others) await shareCompiled(first, host);
    for (const host of others) await expectToBuild(host, archive);
  });
});

it('the same rollout again: every host unchanged, one connection and one exec each, no blob sent', async () => {
  let end: Rollout | undefined;
  const seen = await trafficOf(lab.hosts, async () => {
    const { id } = await start(OLD, 'again');
    end = await stack.api.untilState(id, ['succeeded', 'paused']);
  });
  expect(end).toMatchObject({ state: 'succeeded', counts: { succeeded: 12, unchanged: 12 } });
  for (const each of seen) expect(each).toMatchObject({ connections: 1, execs: 1 });
  for (const { bytesIn } of seen) expect(bytesIn).toBeLessThan(60_000);
});

describe('an upgrade with two full disks in batch 2', () => {
  let before: Map<string, Listed[]>;
  let id: string;
  let paused: Rollout;

  it('pauses with the right numbers, and batch 3 is never connected to', async () => {
    before = await footprints(lab.hosts.slice(3, 7));
    for (const host of lab.hosts.slice(4, 6)) await host.fill();
    const third = lab.hosts.slice(7);
    const seen = await trafficOf(third, async () => {
      ({ id } = await start(NEW, 'upgrade'));
      paused = await stack.api.untilState(
        id,
        ['paused', 'succeeded', 'completed_with_errors'],
        600,
      );
      await stack.api.until(id, ({ counts }) => counts.running + counts.queued === 0);
    });
    expect(paused).toMatchObject({ state: 'paused', reason: { code: 'failure_budget' } });
    expect(paused.batches[1]).toMatchObject({
      state: 'tripped',
      tripsAt: 2,
      counts: { failed: 2 },
    });
    expect(paused.reason?.message).toMatch(/batch 2: 2 failed of 4, 1 tolerated/);
    expect(seen.map(({ connections }) => connections)).toEqual([0, 0, 0, 0, 0]);
  });

  it('a rollback of the batch brings it back byte for byte, and batch 1 stays upgraded', async () => {
    const answer = await stack.api.post<Rollout>(`/v1/rollouts/${id}/rollback`, { scope: 'batch' });
    expect(answer).toMatchObject({ status: 202, body: { rollback: { scope: 'batch', batch: 2 } } });
    await stack.api.untilState(id, 'paused');
    const after = await footprints(lab.hosts.slice(3, 7));
    expect(Object.fromEntries(after)).toEqual(Object.fromEntries(before));
    expect(await versions(lab.hosts)).toEqual([
      ...Array<string>(3).fill(NEW),
      ...Array<string>(9).fill(OLD),
    ]);
  });

  it('disks freed, resume with retry ends it', async () => {
    for (const host of lab.hosts.slice(4, 6)) await host.free();
    const answer = await stack.api.post(`/v1/rollouts/${id}/resume`, { mode: 'retry' });
    expect(answer.status).toBe(202);
    const end = await stack.api.untilState(id, ['succeeded', 'paused'], 600);
    expect(end).toMatchObject({ state: 'succeeded', counts: { succeeded: 12 } });
    expect(await versions(lab.hosts)).toEqual(Array(12).fill(NEW));
  });

  it('the next rollout, failing before its switch, rolls back to what was there', async () => {
    const host = lab.hosts[0] as LabHost;
    await host.fill();
    const { id: next } = await start(OLD, 'failing', { targets: host.name });
    await stack.api.untilState(next, 'paused');
    await host.free();
    await stack.api.post(`/v1/rollouts/${next}/rollback`, { scope: 'all' });
    await stack.api.untilState(next, ['paused', 'rolled_back']);
    expect(await versions([host])).toEqual([NEW]);
  });
});

async function buildBundle(version: string): Promise<string> {
  const file = join(work, `go-${version}.yaml`);
  await writeFile(
    file,
    [
      'kind: Bundle',
      `name: go-${version}`,
      `toolchains: [{ version: "${version}", platforms: [linux/amd64] }]`,
      `packs: [{ name: default, projects: [${resolve('examples/sample')}] }]`,
      'sources: [proxy]',
      '',
    ].join('\n'),
  );
  const out = join(work, `go-${version}`);
  const built = await cli(['bundle', 'build', file, '-o', out, '--no-rehearsal']);
  if (built.code !== 0) throw new Error(built.stderr);
  return out;
}

function start(
  version: string,
  name: string,
  overrides: Record<string, unknown> = {},
): Promise<Rollout> {
  return stack.api.start(
    plan({
      name,
      bundle: `go-${version}`,
      playbook: {
        kind: 'Playbook',
        name: `install-${version}`,
        operations: [
          { 'go-toolchain': { version } },
          { 'module-pack': { pack: 'default' } },
          { 'go-env': { exportGoroot: true, gosumdb: 'off', gotoolchain: 'local' } },
          { 'health-check': { checks: [{ command: 'go version', expect: `go${version}` }] } },
        ],
      },
      strategy: { batches: BATCHES, concurrency: 4 },
      timeouts: { connect: '15s', step: '3m', host: '10m', batch: '1h' },
      ...overrides,
    }),
  );
}

/** Each batch started after the gate of the one before had opened. */
function expectInTurn(batches: Batch[]): void {
  for (const [index, batch] of batches.entries()) {
    const previous = batches[index - 1];
    if (!previous) continue;
    expect(Date.parse(batch.startedAt ?? '')).toBeGreaterThanOrEqual(
      Date.parse(previous.passedAt ?? '') + 1000,
    );
  }
}

async function footprints(hosts: LabHost[]): Promise<Map<string, Listed[]>> {
  const listings = await Promise.all(hosts.map((host) => footprint(host)));
  return new Map(hosts.map((host, index) => [host.name, listings[index] ?? []]));
}

async function versions(hosts: LabHost[]): Promise<string[]> {
  const answers = await Promise.all(hosts.map((host) => ssh(lab, host, 'go version')));
  return answers.map(({ stdout }) => /go(\d\S*)/.exec(stdout)?.[1] ?? stdout);
}

async function tarOf(folder: string): Promise<Buffer> {
  const { create } = await import('tar');
  const chunks: Buffer[] = [];
  for await (const chunk of create({ cwd: folder, gzip: true }, ['.'])) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** `go build` and `go test` of the sample as the login user, in a namespace without a network. */
async function expectToBuild(host: LabHost, archive: Buffer): Promise<void> {
  const script =
    'set -e; dir=$(mktemp -d); cd "$dir"; tar -xzf -; go build ./...; go test ./...; rm -rf "$dir"';
  const how = { stdin: archive, network: false, login: true, user: host.user };
  const { code, stdout, stderr } = await host.run(script, how);
  expect({ host: host.name, code, stderr: code === 0 ? '' : stderr }).toMatchObject({ code: 0 });
  expect(stdout).toMatch(/^ok\s/m);
}

/** The compiled standard library, which depends on the toolchain alone: to build it twelve times would prove nothing more. */
async function shareCompiled(from: LabHost, to: LabHost): Promise<void> {
  const target = to.path(join(to.home, '.cache'));
  await mkdir(target, { recursive: true });
  await cp(from.path(join(from.home, '.cache/go-build')), join(target, 'go-build'), {
    recursive: true,
  });
  await to.run(`chown -R ${to.user} ${to.home}/.cache`);
}
