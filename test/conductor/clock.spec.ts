import { expect, it } from 'vitest';
import { createStand, type Stand } from './stand.ts';

const HOUR = 3_600_000;
const STEPS = [HOUR, -HOUR, 24 * HOUR, -24 * HOUR];
const name = (by: number) => `${by > 0 ? '+' : ''}${by / HOUR} h`;
const cases = STEPS.map((by) => [name(by), by] as const);

async function alerts(stand: Stand): Promise<string[]> {
  const rows = await stand.ledger.read((queries) =>
    queries.selectFrom('events').select('details').where('type', '=', 'alert').execute(),
  );
  return rows.map(({ details }) => (JSON.parse(details) as { code: string }).code);
}

it.each(cases)('%s: no lease ends, and it is told', async (_, by) => {
  await using stand = await createStand();
  await stand.importBundle();
  stand.worker.behave = () => undefined;
  const { id } = await stand.create({ hosts: 3, batches: [{ size: 3 }] });
  await stand.run(3);
  expect(stand.worker.claims).toHaveLength(3);
  stand.clock.set(by);
  await stand.run(60);
  expect(stand.worker.claims).toHaveLength(3);
  expect((await stand.get(id)).counts.running).toBe(3);
  expect(await alerts(stand)).toEqual(['clock']);
  for (const claim of stand.worker.claims) await stand.worker.finish(claim, {});
  await stand.runUntil(id, 'succeeded', 10);
});

it.each(cases)('%s: a worker that dies is still missed after a lease', async (_, by) => {
  await using stand = await createStand();
  await stand.importBundle();
  stand.worker.behave = () => undefined;
  const { id } = await stand.create({ hosts: 1, batches: [{ size: 1 }] });
  await stand.run(3);
  stand.clock.set(by);
  await stand.clock.advance(25_000, stand.settled);
  expect((await stand.get(id)).counts).toMatchObject({ running: 0, pending: 1 });
});

it.each(cases)('%s: a delay is as long as it was', async (_, by) => {
  await using stand = await createStand();
  await stand.importBundle();
  const { id } = await stand.create({
    hosts: 2,
    batches: [{ size: 1, delay: '100s' }, { size: 1 }],
  });
  await stand.run(30);
  expect((await stand.get(id)).counts.succeeded).toBe(1);
  stand.clock.set(by);
  await stand.run(60);
  expect((await stand.get(id)).counts.succeeded).toBe(1);
  await stand.runUntil(id, 'succeeded', 20);
});

it.each(cases)('%s: a bake is as long as it was', async (_, by) => {
  await using stand = await createStand();
  await stand.importBundle();
  const { id } = await stand.create({
    hosts: 2,
    batches: [{ size: 1, bake: '100s' }, { size: 1 }],
  });
  await stand.run(30);
  stand.clock.set(by);
  await stand.run(60);
  expect((await stand.get(id)).batches[0]?.state).toBe('baking');
  await stand.runUntil(id, 'succeeded', 20);
});

it.each(cases)('%s: a deadline of a batch comes when it would have', async (_, by) => {
  await using stand = await createStand();
  await stand.importBundle();
  stand.worker.behave = () => undefined;
  const timeouts = { connect: '1s', step: '10s', host: '60s', batch: '120s' };
  const { id } = await stand.create({ hosts: 1, batches: [{ size: 1 }], timeouts });
  await stand.run(30);
  stand.clock.set(by);
  await stand.run(80);
  expect((await stand.get(id)).state).toBe('running');
  const rollout = await stand.runUntil(id, 'paused', 20);
  expect(rollout.reason?.code).toBe('deadline');
});

it('a start follows the wall clock', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  const startAt = new Date(stand.clock.now() + 2 * HOUR).toISOString();
  const { id } = await stand.create({ hosts: 1, batches: [{ size: 1 }], startAt });
  await stand.run(30);
  expect((await stand.get(id)).state).toBe('scheduled');
  stand.clock.set(2 * HOUR - 10_000);
  await stand.runUntil(id, 'succeeded', 30);
});

it('what keeps a clock right, little by little, is not told', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  const { id } = await stand.create({ hosts: 1, batches: [{ size: 1 }] });
  for (let second = 0; second < 20; second++) {
    stand.clock.set(-100);
    await stand.run(1);
  }
  await stand.runUntil(id, 'succeeded', 5);
  expect(await alerts(stand)).toEqual([]);
});
