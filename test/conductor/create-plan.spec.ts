import type { Rollout } from '#api';
import { emptyCounts } from '#rollout';
import { expect, it } from 'vitest';
import { createStand, OPERATOR, planOf, type PlanOptions, type Stand } from './stand.ts';

async function withBundle(): Promise<Stand> {
  const stand = await createStand();
  await stand.importBundle();
  return stand;
}

/** Hosts with variables of their own. */
function inventory(vars: Record<string, Record<string, unknown>>) {
  const hosts = Object.entries(vars).map(([name, own], index) => [
    name,
    { ansible_host: `10.9.0.${index}`, ...own },
  ]);
  return { all: { hosts: Object.fromEntries(hosts) as unknown } };
}

const rowsOf = (stand: Stand, { id }: Rollout) =>
  stand.ledger.read((queries) =>
    queries
      .selectFrom('rollout_hosts')
      .innerJoin('host_specs', (join) =>
        join
          .onRef('host_specs.rollout', '=', 'rollout_hosts.rollout')
          .onRef('host_specs.number', '=', 'rollout_hosts.number'),
      )
      .select(['name', 'batch', 'domain', 'zone', 'credential', 'traits', 'state'])
      .where('rollout_hosts.rollout', '=', id)
      .orderBy('rollout_hosts.number')
      .execute(),
  );

it('numbers hosts as they are dispatched, and keeps domain, zone, credential and traits of each', async () => {
  await using stand = await withBundle();
  const rollout = await stand.create({
    inventory: inventory({
      a: { rack: 'r1', timezone: 'Asia/Shanghai', ansible_user: 'deploy' },
      b: { rack: 'r1', os: 'debian', ansible_password: 'secret:env:GOFLEET_SECRET_B' },
      c: { rack: 7, ansible_private_key_file: 'id_fleet', api_token: 'abc' },
    }),
    timezone: 'UTC',
    windows: [{ from: '00:00', to: '23:59', timezone: 'host' }],
    strategy: { failureDomain: 'rack', maxPerDomain: 1, order: 'spread' },
    batches: [{ hosts: 'c' }, { size: 2 }],
  });
  const rows = await rowsOf(stand, rollout);
  expect(rows).toMatchObject([
    { name: 'c', batch: 1, domain: '7', zone: null, credential: 'the default user, key id_fleet' },
    { name: 'a', batch: 2, domain: 'r1', zone: 'Asia/Shanghai', credential: 'user deploy' },
    { name: 'b', batch: 3, domain: 'r1', zone: null },
  ]);
  expect(JSON.stringify(rows)).not.toContain('GOFLEET_SECRET_B');
  expect(rows.map(({ traits }) => JSON.parse(traits) as unknown)).toEqual([
    { rack: '7' },
    { rack: 'r1', timezone: 'Asia/Shanghai' },
    { rack: 'r1', os: 'debian' },
  ]);
});

it('keeps bake and approval of each batch', async () => {
  await using stand = await withBundle();
  const { id } = await stand.create({
    hosts: 4,
    batches: [{ size: 1, bake: '10m', approval: true }, { size: 3 }],
    strategy: { bake: '1m' },
  });
  const batches = await stand.ledger.read((queries) =>
    queries
      .selectFrom('batches')
      .select(['bake', 'approval', 'counts'])
      .where('rollout', '=', id)
      .orderBy('number')
      .execute(),
  );
  expect(batches).toMatchObject([
    { bake: 600_000, approval: 1 },
    { bake: 60_000, approval: 0 },
  ]);
  const counts = emptyCounts();
  counts.states.pending = 3;
  expect(JSON.parse(batches[1]?.counts ?? '')).toEqual(counts);
});

it.each<[string, PlanOptions, object]>([
  ['at once', {}, { state: 'running', reason: null }],
  [
    'asking people first',
    { approval: { required: true, approvers: 2 } },
    { state: 'pending_approval', reason: { code: 'approval' } },
  ],
])('begins %s', async (_, plan, expected) => {
  await using stand = await withBundle();
  expect(await stand.create({ hosts: 2, ...plan })).toMatchObject(expected);
});

it('waits for its time, owns no hosts until then, and warns of those that another has', async () => {
  await using stand = await withBundle();
  const first = await stand.create({ hosts: 2 });
  const startAt = new Date(stand.clock.now() + 3_600_000).toISOString();
  const later = await stand.create({ hosts: 3, startAt });
  expect(later.state).toBe('scheduled');
  expect(later.warnings.join('\n')).toContain(`2 hosts belong to rollout ${first.id}`);
});

it('refuses a start that has passed, with its line', async () => {
  await using stand = await withBundle();
  const past = new Date(stand.clock.now() - 6 * 60_000).toISOString();
  await expect(stand.create({ hosts: 2, startAt: past })).rejects.toMatchObject({
    errors: [{ path: 'startAt' }],
  });
  const late = new Date(stand.clock.now() - 4 * 60_000).toISOString();
  expect((await stand.create({ hosts: 2, startAt: late })).state).toBe('running');
});

it('is paused where everything is frozen', async () => {
  await using stand = await withBundle();
  await stand.conductor.freeze(OPERATOR, { note: 'end of the year', rollbacks: false });
  expect(await stand.create({ hosts: 2 })).toMatchObject({
    state: 'paused',
    reason: { code: 'freeze' },
  });
});

it('takes nothing and leaves nothing behind where one host of many belongs to another', async () => {
  await using stand = await withBundle();
  const owner = await stand.create({ hosts: 1, prefix: 'h119' });
  await expect(stand.create({ hosts: 1200 })).rejects.toMatchObject({ code: 'lock_conflict' });
  const left = await stand.ledger.read(async (queries) => ({
    rollouts: await queries.selectFrom('rollouts').select('id').execute(),
    hosts: await queries.selectFrom('rollout_hosts').select('name').execute(),
    registry: await queries.selectFrom('host_registry').select('owner').execute(),
  }));
  expect(left).toEqual({
    rollouts: [{ id: owner.id }],
    hosts: [{ name: 'h1190' }],
    registry: [{ owner: owner.id }],
  });
});

it('forgets at its next start what a crash left of a creation, and gives the hosts back', async () => {
  await using stand = await withBundle();
  const write = stand.ledger.write.bind(stand.ledger);
  let writes = 0;
  stand.ledger.write = (job) =>
    (writes += 1) > 2 ? Promise.reject(new Error('the power went')) : write(job);
  const text = JSON.stringify(planOf({ hosts: 1200 }));
  const asked = stand.conductor.createRollout(OPERATOR, { text, format: 'json' });
  await expect(asked).rejects.toThrow('the power went');
  stand.ledger.write = write;
  const hosts = () =>
    stand.ledger.read((queries) => queries.selectFrom('rollout_hosts').select('name').execute());
  expect(await hosts()).toHaveLength(500);
  expect((await stand.conductor.listRollouts({ limit: 10 })).items).toEqual([]);
  await stand.restart();
  expect(await hosts()).toEqual([]);
  expect((await stand.create({ hosts: 1200 })).counts.planned).toBe(1200);
});
