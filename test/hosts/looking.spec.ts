import { afterAll, beforeAll, expect, it } from 'vitest';
import { startLab, type Lab, type LabHost } from '../lab/index.ts';
import { modulePack, project, toolchain, type Archive } from './support/archive.ts';
import { install, visitor, type Visited, type Wish } from './support/visit.ts';

let lab: Lab;
let host: LabHost;
let go: Archive;
let pack: Archive;
let sample: Archive;
let visits: ReturnType<typeof visitor>;

beforeAll(async () => {
  lab = await startLab({ hosts: [{ diskMb: 128, user: 'deploy' }] });
  host = lab.hosts[0]!;
  [go, pack, sample] = await Promise.all([
    toolchain('1.21.5', 16),
    modulePack('gorm'),
    project('sample'),
  ]);
  visits = visitor(lab);
  for (const each of [go, pack, sample]) visits.keep(each);
});
afterAll(() => lab.stop());

function ask(wish: Wish): Promise<Visited> {
  const wanted = install({ version: '1.21.5', go, pack, project: sample, exportGoroot: true });
  return visits.visit(host, wanted, { rollout: 'R1', ...wish });
}

async function whole(): Promise<unknown> {
  return [await host.listing(['/opt/gofleet', '/etc', '/usr/local']), await state()];
}

async function state(): Promise<string> {
  return (await host.run('cat /opt/gofleet/state.json')).stdout;
}

it('a reading of a host that nobody has touched leaves no trace', async () => {
  const before = await host.listing(['/opt', '/etc', '/usr/local']);
  const read = await ask({ task: 'read' });
  expect(read, JSON.stringify(read)).toMatchObject({ state: 'succeeded', bytesSent: 0 });
  expect(read.after).toMatchObject({ go: null, fleet: null, epoch: null, mode: 'root' });
  expect(await host.listing(['/opt', '/etc', '/usr/local'])).toEqual(before);
});

it('a reading tells what is there and whose it is, and waits for no lock', async () => {
  expect(await ask({ epoch: 7 })).toMatchObject({ state: 'succeeded', unchanged: false });
  const before = await whole();
  const held = host.run('flock /opt/gofleet/lock sleep 20');
  const read = await ask({ task: 'read', epoch: 99, timeouts: TIMEOUTS });
  expect(read, JSON.stringify(read)).toMatchObject({
    state: 'succeeded',
    after: { goVersion: '1.21.5', fleet: 'fleet-of-tests', epoch: 7, rollout: 'R1' },
  });
  expect(read.after?.found?.trees.go).toHaveLength(1);
  await host.run('pkill -x sleep');
  await held;
  expect(await whole()).toEqual(before);
});

const TIMEOUTS = { connect: 5000, step: 5000, host: 15_000 };

it('a bake runs every check again, the build too, and changes nothing', async () => {
  const before = await host.listing(['/opt/gofleet', '/etc', '/usr/local']);
  const bake = await ask({ task: 'bake', epoch: 8 });
  expect(bake, JSON.stringify(bake)).toMatchObject({ state: 'succeeded', switched: false });
  expect(bake.after?.checks).toHaveLength(2);
  expect(bake.steps.map(({ name }) => name)).toEqual([
    'connect',
    'facts',
    'send source of sample',
    'check again',
  ]);
  const after = await host.listing(['/opt/gofleet', '/etc', '/usr/local']);
  expect(after.map(({ path }) => path)).toEqual(before.map(({ path }) => path));
  expect(await state()).toContain('"epoch":8');
});

it('a host whose build broke since is failed for its health', async () => {
  await host.run('sed -i "s/^build | test)/none)/" $(readlink -f /usr/local/go/bin/go)');
  expect(await ask({ task: 'forward', epoch: 9 })).toMatchObject({ unchanged: true });
  const bake = await ask({ task: 'bake', epoch: 10 });
  expect(bake, JSON.stringify(bake)).toMatchObject({ state: 'failed', code: 'health' });
  expect(bake.message).toContain('goBuild sample');
});

it('a host that has something else since is failed for its health', async () => {
  await host.run('rm /usr/local/go && ln -s /opt /usr/local/go');
  expect(await ask({ task: 'bake', epoch: 11 })).toMatchObject({ state: 'failed', code: 'health' });
});

it('a host that does not answer a bake is lost, one that does not answer a reading unreachable', async () => {
  await host.link({ refused: true });
  expect(await ask({ task: 'bake', epoch: 12 })).toMatchObject({ state: 'lost' });
  expect(await ask({ task: 'read', epoch: 12 })).toMatchObject({ state: 'unreachable' });
  await host.link({});
});
