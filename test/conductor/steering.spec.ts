import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Verb } from '#rollout';
import { PatchBody } from '#api';
import { expect, it } from 'vitest';
import { failed } from './fake-worker.ts';
import { ADMIN, createStand, planOf } from './stand.ts';

const MINUTE = 60_000;

/** A body as it comes over HTTP, with its shares and durations read. */
function patch(body: unknown): Verb {
  return { kind: 'patch', ...PatchBody.parse(body) };
}

it('judges a lower budget at once, which can trip', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  stand.worker.behave = ({ name }) =>
    name === 'h0' || name === 'h1' ? failed('disk') : name === 'h2' ? undefined : {};
  const { id } = await stand.create({
    hosts: 8,
    batches: [
      { size: 4, maxFailures: 3 },
      { size: 4, maxFailures: 3 },
    ],
  });
  await stand.run(3);
  const lower = await stand.act(id, patch({ budgets: { batches: { '1': { maxFailures: 1 } } } }));
  expect(lower).toMatchObject({
    state: 'paused',
    reason: { code: 'failure_budget', message: expect.stringContaining('2 failed of 4') },
    batches: [{ maxFailures: 1 }, { maxFailures: 3 }],
  });
  const higher = await stand.act(id, patch({ budgets: { batches: { '1': { maxFailures: 4 } } } }));
  expect(higher).toMatchObject({ state: 'paused', reason: { code: 'failure_budget' } });
});

it('changes concurrency, delays and windows while it runs, and refuses batches that are judged', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  const { id } = await stand.create({
    hosts: 6,
    batches: [{ size: 2, delay: '1h' }],
    strategy: { concurrency: 1 },
  });
  await stand.run(10);
  const changed = await stand.act(id, patch({ concurrency: 4, delays: '2m' }));
  expect(changed).toMatchObject({
    numbers: { concurrency: 4 },
    batches: [{ delay: '1h' }, { delay: '2m' }, { delay: '2m' }],
  });
  await expect(stand.act(id, patch({ delays: { '1': '1s' } }))).rejects.toMatchObject({
    code: 'conflict',
  });
  await expect(stand.act(id, patch({ delays: { '9': '1s' } }))).rejects.toMatchObject({
    code: 'invalid_request',
  });
});

it('asks anew for an approval that a looser number has overtaken', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  const startAt = new Date(stand.clock.now() + 60 * MINUTE).toISOString();
  const { id, planDigest } = await stand.create({
    hosts: 6,
    approval: { required: true },
    startAt,
    budgets: { maxFailures: 1 },
  });
  expect((await stand.act(id, { kind: 'approve', planDigest }, ADMIN)).state).toBe('scheduled');
  const tighter = await stand.act(id, patch({ budgets: { maxFailures: 0 } }));
  expect(tighter.state).toBe('scheduled');
  const looser = await stand.act(id, patch({ budgets: { maxFailures: 3 } }));
  expect(looser).toMatchObject({ state: 'pending_approval', approval: { by: [] } });
});

it('ends a delay, a bake and no budget when a person advances it', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  const { id } = await stand.create({
    hosts: 3,
    batches: [{ size: 1, delay: '1h' }, { size: 1, bake: '1h' }, { size: 1 }],
  });
  await stand.run(5);
  const delayed = await stand.get(id);
  expect(delayed.allowedActions).toContain('advance');
  expect(delayed.waits).toMatchObject([{ message: 'the delay before batch 2' }]);
  await stand.act(id, { kind: 'advance', note: 'it is fine' });
  await stand.run(5);
  const baking = await stand.get(id);
  expect(baking.batches[1]).toMatchObject({ state: 'baking', bake: '1h' });
  expect(baking.batches[1]?.bakeUntil).not.toBeNull();
  await stand.act(id, { kind: 'advance' });
  await stand.runUntil(id, 'succeeded', 30);
  const tasks = stand.worker.claims.map(({ task }) => task);
  expect(tasks).toEqual(['forward', 'forward', 'bake', 'forward']);
  await expect(stand.act(id, { kind: 'advance' })).rejects.toMatchObject({ code: 'conflict' });
});

it('checks health again after a bake, and trips where a host has not kept it', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  stand.worker.behave = ({ task, name }) =>
    task === 'bake' && name === 'h1' ? failed('health', 'go version: not found') : {};
  const { id } = await stand.create({
    hosts: 6,
    batches: [{ size: 3, bake: '10m', maxFailures: 0 }, { size: 3 }],
  });
  await stand.run(30);
  expect((await stand.get(id)).batches[0]).toMatchObject({ state: 'baking' });
  expect(stand.worker.claims).toHaveLength(3);
  await stand.later(10 * MINUTE);
  const paused = await stand.runUntil(id, 'paused');
  expect(paused).toMatchObject({
    reason: { code: 'failure_budget' },
    counts: { succeeded: 2, failed: 1, pending: 3 },
  });
  const [h1] = await stand.hosts(id, 'failed');
  expect(h1).toMatchObject({ name: 'h1', code: 'health', changed: true });
});

it('starts hosts in their windows alone, and outside of them when a person advances it', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  const plan = {
    hosts: 2,
    batches: [{ size: 2 }],
    timezone: 'UTC',
    windows: [{ from: '01:00', to: '05:00' }],
  };
  await stand.later(6 * 60 * MINUTE);
  const { id } = await stand.create(plan);
  await stand.run(30);
  expect(stand.worker.claims).toEqual([]);
  const waiting = await stand.get(id);
  expect(waiting).toMatchObject({ state: 'running', reason: { code: 'window' } });
  expect(waiting.waits).toMatchObject([{ until: '2026-06-02T01:00:00.000Z' }]);
  expect(waiting.allowedActions).toContain('advance');
  await stand.later(19 * 60 * MINUTE + MINUTE);
  await stand.runUntil(id, 'succeeded', 60);

  await stand.later(6 * 60 * MINUTE);
  const third = await stand.create({ ...plan, prefix: 'y' });
  await stand.run(15);
  expect((await stand.get(third.id)).reason?.code).toBe('window');
  await stand.act(third.id, { kind: 'advance' });
  await stand.runUntil(third.id, 'succeeded', 60);
});

it('skips hosts that have not started or not succeeded, and no others', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  stand.worker.behave = ({ name }) =>
    name === 'h1' ? failed('disk') : name === 'h2' ? undefined : {};
  const { id } = await stand.create({
    hosts: 6,
    batches: [{ size: 3, maxFailures: 2 }, { size: 3 }],
  });
  await stand.run(3);
  await expect(stand.act(id, { kind: 'skip', hosts: ['h0', 'h2', 'h3'] })).rejects.toMatchObject({
    code: 'conflict',
    details: {
      hosts: [
        { name: 'h0', state: 'succeeded' },
        { name: 'h2', state: 'running' },
      ],
    },
  });
  const skipped = await stand.act(id, { kind: 'skip', hosts: ['h1', 'h4'] });
  expect(skipped.counts).toMatchObject({ skipped: 2, failed: 0 });
  for (const { claim } of stand.worker.atWork()) await stand.worker.finish(claim, {});
  const ended = await stand.runUntil(id, 'completed_with_errors');
  expect(ended.counts).toMatchObject({ succeeded: 4, skipped: 2 });
});

it('goes on without the rest of a batch that a person gives up', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  stand.worker.behave = ({ host }) => (host < 4 ? failed('disk') : {});
  const { id } = await stand.create({
    hosts: 8,
    batches: [{ size: 4, maxFailures: 1 }, { size: 4 }],
    strategy: { concurrency: 2 },
  });
  await stand.runUntil(id, 'paused');
  await stand.act(id, { kind: 'resume', mode: 'skip-batch', batch: 1 });
  const ended = await stand.runUntil(id, 'completed_with_errors');
  expect(ended.counts).toMatchObject({ succeeded: 4, failed: 2, skipped: 2, acknowledged: 2 });
});

it('reads connections again and shows what changed, but of no host at work', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  const { inventory } = planOf({ hosts: 4 });
  const path = join(stand.folders.inventory, 'production.yaml');
  await writeFile(path, JSON.stringify(inventory));
  stand.worker.behave = () => undefined;
  const created = await stand.create({
    hosts: 4,
    inventory: 'production',
    batches: [{ size: 1 }, { size: 3 }],
  });
  const { id } = created;
  await stand.run(2);
  const { h1, h2, ...rest } = inventory.all.hosts;
  const moved = {
    ...rest,
    h0: { ...h1, ansible_host: '10.9.9.8' },
    h1: { ...h1, ansible_host: '10.9.9.9', rack: 'r7' },
    h3: rest['h3'],
  };
  await writeFile(path, JSON.stringify({ all: { hosts: moved } }));
  const answer = await stand.act(id, { kind: 'refresh' });
  expect(answer.refresh).toMatchObject([
    { host: 'h0', leftAlone: 'it is at work' },
    {
      host: 'h1',
      changes: [
        { key: 'address', before: '10.0.0.1', after: '10.9.9.9' },
        { key: 'rack', before: null, after: 'r7' },
      ],
    },
    { host: 'h2', leftAlone: 'it is not in the inventory any more' },
  ]);
  expect(h2).toBeDefined();
  expect(answer.planDigest).not.toBe(created.planDigest);
  stand.worker.behave = () => ({});
  for (const { claim } of stand.worker.atWork()) await stand.worker.finish(claim, {});
  await stand.runUntil(id, 'succeeded');
  expect(stand.worker.claims.find(({ name }) => name === 'h1')?.connection.address).toBe(
    '10.9.9.9',
  );
});

it('refuses a refresh without an inventory where the plan brought its own', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  const { id } = await stand.create({ hosts: 2 });
  await expect(stand.act(id, { kind: 'refresh' })).rejects.toMatchObject({
    code: 'invalid_request',
    errors: [{ path: 'inventory' }],
  });
});

it('takes new hosts in as batches at the end, with shares of all hosts', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  const created = await stand.create({
    hosts: 10,
    batches: [{ size: 4 }],
    budgets: { maxFailures: '20%' },
  });
  const { id } = created;
  await stand.conductor.quarantine(ADMIN, 'h19', { note: 'n' });
  const { inventory } = planOf({ hosts: 20 });
  const answer = await stand.act(id, { kind: 'extend', targets: 'all', inventory });
  expect(answer.extended).toMatchObject({ hosts: 9, excluded: 1, batches: [4, 5, 6] });
  expect(answer.counts).toMatchObject({ planned: 19, excluded: 1 });
  expect(answer.numbers).toMatchObject({ maxFailures: 3 });
  expect(created.numbers).toMatchObject({ maxFailures: 2 });
  expect(answer.planDigest).not.toBe(created.planDigest);
  const ended = await stand.runUntil(id, 'succeeded');
  expect(ended.batches.map(({ size }) => size)).toEqual([4, 4, 2, 4, 4, 1]);
  await expect(
    stand.create({ hosts: 2, prefix: 'x' }).then(({ id: other }) =>
      stand.act(other, {
        kind: 'extend',
        targets: 'all',
        inventory: planOf({ hosts: 2, prefix: 'x' }).inventory,
      }),
    ),
  ).rejects.toMatchObject({ code: 'no_hosts' });
});

it('does not take hosts in that belong to another rollout', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  stand.worker.behave = () => undefined;
  const { inventory } = planOf({ hosts: 6 });
  const first = await stand.create({ hosts: 4 });
  const other = await stand.create({
    hosts: 6,
    targets: 'h5',
    batches: [{ size: 1 }],
    inventory,
  });
  await expect(
    stand.act(first.id, { kind: 'extend', targets: 'all', inventory }),
  ).rejects.toMatchObject({ code: 'lock_conflict', message: expect.stringContaining(other.id) });
  expect((await stand.get(first.id)).counts.planned).toBe(4);
});

it('has no more hosts at work in strict mode than failures are left, also where a lease ran out', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  const { worker } = stand;
  worker.behave = () => undefined;
  const { id } = await stand.create({
    hosts: 10,
    batches: [{ size: 10, maxFailures: 2 }],
    strategy: { concurrency: 10, strict: true },
  });
  await stand.run(2);
  expect(worker.atWork().map(({ claim }) => claim.host)).toEqual([0, 1, 2]);
  const [first, second, third] = worker.atWork().map(({ claim }) => claim);
  if (!first || !second || !third) throw new Error('nothing is at work');
  await worker.finish(first, failed('disk'));
  await stand.run(2);
  expect(worker.atWork()).toHaveLength(2);
  worker.working.clear();
  await stand.run(20);
  expect(worker.atWork().map(({ claim }) => claim.host)).toEqual([1, 2]);
  await worker.finish(second, failed('disk'));
  for (const { claim } of worker.atWork()) await worker.finish(claim, failed('disk'));
  const paused = await stand.runUntil(id, 'paused');
  expect(paused.counts).toMatchObject({ failed: 3, pending: 7 });
});

it('works on no more hosts of a failure domain at once than its share', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  stand.worker.behave = () => undefined;
  const { inventory } = planOf({ hosts: 8 });
  const hosts = Object.fromEntries(
    Object.entries(inventory.all.hosts).map(([name, vars], at) => [
      name,
      { ...vars, rack: at < 6 ? 'r1' : 'r2' },
    ]),
  );
  const { id } = await stand.create({
    inventory: { all: { hosts } },
    batches: [{ size: 8 }],
    strategy: { failureDomain: 'rack', maxPerDomain: '50%' },
  });
  await stand.run(3);
  expect(stand.worker.atWork().map(({ claim }) => claim.name)).toEqual(['h0', 'h1', 'h2', 'h6']);
  stand.worker.behave = () => ({});
  for (const { claim } of stand.worker.atWork()) await stand.worker.finish(claim, {});
  await stand.runUntil(id, 'succeeded');
});
