import { afterAll, beforeAll, expect, it } from 'vitest';
import { startLab, type Lab, type LabHost } from '../lab/index.ts';
import { toolchain, type Archive } from './support/archive.ts';
import { install, visitor } from './support/visit.ts';

let lab: Lab;
let host: LabHost;
let go: Archive;
let next: Archive;

beforeAll(async () => {
  lab = await startLab({ hosts: [{ diskMb: 128 }] });
  host = lab.hosts[0]!;
  go = await toolchain('1.21.5', 16);
  next = await toolchain('1.22.0', 16);
  const { visit, keep } = visitor(lab);
  keep(go);
  await visit(host, install({ version: '1.21.5', go }), { rollout: 'base', epoch: 10 });
});
afterAll(() => lab.stop());

it('a newer claim is left alone', async () => {
  const { visit, keep } = visitor(lab);
  keep(next);
  const root = await host.listing(['/opt/gofleet']);
  const outcome = await visit(host, install({ version: '1.22.0', go: next }), { epoch: 9 });
  expect(outcome, JSON.stringify(outcome)).toMatchObject({ state: 'failed', code: 'host_ahead' });
  expect(await host.listing(['/opt/gofleet'])).toEqual(root);
});

it('a claim with the same epoch for another rollout is refused: another ledger granted it', async () => {
  const { visit, keep } = visitor(lab);
  keep(go);
  keep(next);
  await visit(host, install({ version: '1.21.5', go }), { epoch: 11, rollout: 'ours' });
  const root = await host.listing(['/opt/gofleet']);
  const wanted = install({ version: '1.22.0', go: next });
  const outcome = await visit(host, wanted, { epoch: 11, rollout: 'theirs' });
  expect(outcome, JSON.stringify(outcome)).toMatchObject({ state: 'failed', code: 'host_ahead' });
  expect(await host.listing(['/opt/gofleet'])).toEqual(root);
  const again = await visit(host, install({ version: '1.21.5', go }), {
    epoch: 11,
    rollout: 'ours',
  });
  expect(again).toMatchObject({ unchanged: true });
});

it('another fleet is refused and nothing is written, until it may adopt the host', async () => {
  const { visit, keep } = visitor(lab);
  keep(next);
  const root = await host.listing(['/opt/gofleet']);
  const wanted = install({ version: '1.22.0', go: next });
  const foreign = await visit(host, wanted, { fleet: 'another', epoch: 1 });
  expect(foreign, JSON.stringify(foreign)).toMatchObject({
    state: 'failed',
    code: 'foreign_fleet',
  });
  expect(foreign.message).toContain('fleet-of-tests');
  expect(await host.listing(['/opt/gofleet'])).toEqual(root);
  const same = install({ version: '1.21.5', go });
  expect(await visit(host, same, { fleet: 'another', epoch: 1, adopt: true })).toMatchObject({
    state: 'succeeded',
    unchanged: true,
  });
  expect(await visit(host, same, { epoch: 99 })).toMatchObject({ code: 'foreign_fleet' });
  expect(await visit(host, same, { epoch: 12, adopt: true })).toMatchObject({ unchanged: true });
});

it('a script of an older claim does nothing once a newer one has come', async () => {
  const { visit, keep } = visitor(lab);
  keep(next);
  const wanted = install({ version: '1.22.0', go: next });
  const outcome = await visit(host, wanted, {
    epoch: 20,
    rollout: 'late',
    deps: {
      report: {
        step: () => undefined,
        switching: async () => {
          await visit(host, install({ version: '1.21.5', go }), { epoch: 21, rollout: 'new' });
        },
      },
    },
  });
  expect(outcome, JSON.stringify(outcome)).toMatchObject({ state: 'failed', code: 'superseded' });
  expect((await host.run('go version')).stdout).toContain('go1.21.5');
  expect((await host.run('cat /opt/gofleet/state.json')).stdout).toContain('"epoch":21');
});

it('a lock that is held is waited for as long as a step may take', async () => {
  const { visit, keep } = visitor(lab);
  keep(go);
  const held = host.run('flock /opt/gofleet/lock sleep 4');
  await new Promise((resolve) => setTimeout(resolve, 300));
  const timeouts = { connect: 2000, step: 1000, host: 20_000 };
  const wanted = install({ version: '1.21.5', go });
  expect(await visit(host, wanted, { epoch: 30, timeouts })).toMatchObject({
    state: 'failed',
    code: 'host_locked',
  });
  expect(await visit(host, wanted, { epoch: 31 })).toMatchObject({ unchanged: true });
  await held;
});

it('without flock the lock is a folder, and one whose owner is gone is taken over', async () => {
  const { visit, keep } = visitor(lab);
  keep(go);
  await host.run(
    'mv /usr/bin/flock /root/flock; mkdir /opt/gofleet/lock.d; echo 999999 >/opt/gofleet/lock.d/pid',
  );
  const wanted = install({ version: '1.21.5', go });
  const outcome = await visit(host, wanted, { epoch: 40 });
  await host.run('mv /root/flock /usr/bin/flock');
  expect(outcome, JSON.stringify(outcome)).toMatchObject({ state: 'succeeded', unchanged: true });
  expect((await host.run('ls /opt/gofleet')).stdout).not.toContain('lock.');
});

it('a rollout that another came after is not rolled back', async () => {
  const { visit, keep } = visitor(lab);
  keep(next);
  const wanted = install({ version: '1.22.0', go: next });
  await visit(host, wanted, { epoch: 50, rollout: 'B' });
  const superseded = await visit(host, wanted, { epoch: 51, rollout: 'base', task: 'rollback' });
  expect(superseded, JSON.stringify(superseded)).toMatchObject({
    state: 'rollback_failed',
    code: 'superseded',
  });
  await visit(host, wanted, { epoch: 52, rollout: 'B', task: 'rollback' });
  const outcome = await visit(host, wanted, { epoch: 53, rollout: 'base', task: 'rollback' });
  expect(outcome, JSON.stringify(outcome)).toMatchObject({ state: 'rolled_back' });
  expect((await host.run('ls -d /usr/local/go || echo gone')).stdout).toContain('gone');
});
