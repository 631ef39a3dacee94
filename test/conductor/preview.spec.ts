import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PlanPreview } from '#api';
import { expect, it } from 'vitest';
import { createStand, OPERATOR, planOf, type PlanOptions, type Stand } from './stand.ts';

async function withBundle(): Promise<Stand> {
  const stand = await createStand();
  await stand.importBundle();
  return stand;
}

function preview(stand: Stand, plan: PlanOptions = {}, limit?: string): Promise<PlanPreview> {
  const text = JSON.stringify(planOf(plan));
  return stand.conductor.previewPlan(OPERATOR, { text, format: 'json', limit });
}

it('names the hosts of every batch, what trips it, and changes nothing', async () => {
  await using stand = await withBundle();
  const found = await preview(stand, {
    hosts: 5,
    batches: [{ size: 2, maxFailures: 1, bake: '10m', approval: true }, { size: 5 }],
  });
  expect(found.batches).toMatchObject([
    { number: 1, hosts: ['h0', 'h1'], tripsAt: 2, mostHurt: 2, bake: '10m', approval: true },
    { number: 2, hosts: ['h2', 'h3', 'h4'], tripsAt: 1, maxFailures: null },
  ]);
  expect(found).toMatchObject({
    id: null,
    state: 'ready',
    facts: 'known',
    begins: { state: 'running', reason: null },
    planned: 5,
    changes: { none: 0, some: 0, unfit: 0, unknown: 5 },
  });
  expect((await stand.conductor.listRollouts({ limit: 10 })).items).toEqual([]);
});

it('has the digest that creating gives, and the same order where it is shuffled', async () => {
  await using stand = await withBundle();
  const plan = { hosts: 40, batches: [{ size: 10 }], strategy: { order: 'shuffled' } };
  const found = await preview(stand, plan);
  const rollout = await stand.create(plan);
  expect(found.planDigest).toBe(rollout.planDigest);
  const hosts = await stand.hosts(rollout.id);
  const byBatch = found.batches.flatMap(({ hosts: names }) => names);
  expect(hosts.toSorted((a, b) => a.number - b.number).map(({ name }) => name)).toEqual(byBatch);
  expect(byBatch).not.toEqual(byBatch.toSorted());
});

it('says why hosts are left out', async () => {
  await using stand = await withBundle();
  await stand.conductor.quarantine(OPERATOR, 'h1', { note: 'disk is dying' });
  const found = await preview(stand, { hosts: 4, targets: 'all:!h3' }, 'h0:h1');
  expect(found.batches.map(({ hosts }) => hosts)).toEqual([['h0']]);
  expect(found.excluded).toMatchObject([
    { host: 'h1', reason: { message: expect.stringContaining('disk is dying') as string } },
  ]);
  expect(found.leftOut).toEqual({ targets: 1, limit: 1 });
  const rollout = await stand.create({ hosts: 4 });
  expect(rollout.counts).toMatchObject({ planned: 3, excluded: 1 });
  expect(await stand.hosts(rollout.id, 'excluded')).toMatchObject([
    { name: 'h1', batch: null, reason: { message: expect.stringContaining('olga') as string } },
  ]);
});

it('says how many can be hurt before the first gate, strict or not', async () => {
  await using stand = await withBundle();
  const batches = [{ size: 10, maxFailures: 2 }];
  const loose = await preview(stand, { hosts: 20, batches, strategy: { concurrency: 5 } });
  expect(loose.blastRadius).toEqual({
    hosts: 7,
    percent: 35,
    batch: 1,
    touched: 10,
    overshoot: 4,
    strict: false,
  });
  const strict = await preview(stand, { hosts: 20, batches, strategy: { strict: true } });
  expect(strict.blastRadius).toMatchObject({ hosts: 3, overshoot: 0 });
});

it('compares hosts that were seen with what is wanted of them', async () => {
  await using stand = await withBundle();
  const facts = (go: string) => ({
    platform: 'linux/amd64',
    root: '/opt/gofleet',
    go: `${go}-0123456789ab`,
    modules: null,
    goVersion: `go${go}`,
  });
  stand.worker.behave = ({ name }) => ({ after: facts(name === 'h0' ? '1.21.5' : '1.20.1') });
  const { id } = await stand.create({ hosts: 2, batches: [{ size: 2 }] });
  await stand.runUntil(id, 'succeeded');
  const found = await preview(stand, { hosts: 3 });
  expect(found.hosts).toMatchObject([
    { host: 'h0', change: 'none', steps: [] },
    { host: 'h1', change: 'some', steps: ['go 1.20.1 -> 1.21.5'] },
    { host: 'h2', change: 'unknown' },
  ]);
  expect(found.predicted.assumptions[0]).toMatch(/the median of 2 in earlier rollouts/);
});

it('warns of hosts that another rollout has and of sites without a worker', async () => {
  await using stand = await withBundle();
  const { id } = await stand.create({ hosts: 2 });
  const { warnings } = await preview(stand, { hosts: 3 });
  expect(warnings.join('\n')).toContain(`2 hosts belong to rollout ${id} (running`);
  expect(warnings.join('\n')).toContain('no worker of the site default');
});

it('predicts the end in the windows of the plan', async () => {
  await using stand = await withBundle();
  const night = { windows: [{ from: '01:00', to: '05:00' }], timezone: 'UTC' };
  const { predicted, begins } = await preview(stand, { hosts: 2, ...night });
  expect(predicted.startsAt).toMatch(/T01:00:00/);
  expect(predicted.assumptions[0]).toMatch(/no earlier rollout tells/);
  expect(begins.state).toBe('running');
});

it('refuses what creating refuses, with the line', async () => {
  await using stand = await withBundle();
  const text = `kind: RolloutPlan
name: p
inventory: { all: { hosts: { a: {}, b: {} } } }
targets: all
bundle: go-1.21.5
playbook: install-go
strategy:
  batches:
    - { hosts: canary }
    - { size: 1 }
`;
  const asked = stand.conductor.previewPlan(OPERATOR, { text, format: 'yaml' });
  await expect(asked).rejects.toMatchObject({
    code: 'invalid_file',
    errors: [{ path: 'strategy.batches[0].hosts', line: 9 }],
  });
});

it('runs what was previewed once its hosts were read, and nothing else', async () => {
  await using stand = await withBundle();
  const file = join(stand.folders.inventory, 'production.yaml');
  const inventory = (address: string) => `all: { hosts: { a: { ansible_host: ${address} } } }`;
  await writeFile(file, inventory('10.0.0.1'));
  const plan = { inventory: 'production', batches: [{ size: 1 }] };
  const text = JSON.stringify(planOf(plan));
  const begun = await stand.conductor.previewLive(OPERATOR, { text, format: 'json' });
  expect(begun).toMatchObject({ state: 'reading', facts: 'live', reading: { planned: 1 } });
  const id = begun.id ?? '';
  const create = () =>
    stand.conductor.createRollout(OPERATOR, { text: `{"planId":"${id}"}`, format: 'json' });
  await expect(create()).rejects.toMatchObject({ code: 'conflict' });
  await stand.run(30, async () => (await stand.conductor.getPlan(id)).state === 'ready');
  expect(PlanPreview.parse(await stand.conductor.getPlan(id))).toMatchObject({
    state: 'ready',
    reading: { waiting: 0 },
  });

  await writeFile(file, inventory('10.0.0.2'));
  await expect(create()).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringContaining('has changed since it was previewed') as string,
  });
  await writeFile(file, inventory('10.0.0.1'));
  const { value } = await create();
  expect(value.planDigest).toBe(begun.planDigest);
});
