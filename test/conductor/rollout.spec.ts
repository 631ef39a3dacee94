import { expect, it } from 'vitest';
import { createStand } from './stand.ts';

it('takes a rollout of three batches to its end, hosts in their order', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  const rollout = await stand.create({ strategy: { concurrency: 2 } });
  expect(rollout).toMatchObject({ state: 'running', counts: { planned: 12, pending: 12 } });
  const ended = await stand.runUntil(rollout.id, 'succeeded');
  expect(ended.counts).toMatchObject({ succeeded: 12, unchanged: 0 });
  expect(ended.batches.map(({ state, size }) => [state, size])).toEqual([
    ['passed', 3],
    ['passed', 4],
    ['passed', 5],
  ]);
  expect(ended).toMatchObject({ percentComplete: 100, currentBatch: null });
  expect(ended.allowedActions).toEqual(['rollback']);
  expect(stand.worker.claims.map(({ host }) => host)).toEqual([...Array(12).keys()]);
  const { items } = await stand.conductor.listDecisions(rollout.id, { limit: 100 });
  expect(items.map(({ kind }) => kind)).toEqual(
    'startBatch passGate startBatch passGate startBatch passGate finish'.split(' '),
  );
  const { items: fleet } = await stand.conductor.listFleet({ limit: 100 });
  expect(fleet).toHaveLength(12);
  expect(fleet[0]).toMatchObject({ owner: null, changedBy: rollout.id, lastOutcome: 'succeeded' });
});

it('has at most `concurrency` hosts at work, and waits for the delay between batches', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  stand.worker.behave = () => undefined;
  const batches = [{ size: 5, delay: '30s' }, { size: 5 }];
  const { id } = await stand.create({ hosts: 10, batches, strategy: { concurrency: 3 } });
  await stand.run(3);
  expect(stand.worker.claims).toHaveLength(3);
  expect((await stand.get(id)).counts).toMatchObject({ running: 3, queued: 0, pending: 7 });
  stand.worker.behave = () => ({});
  for (const { claim } of stand.worker.atWork()) await stand.worker.finish(claim, {});
  await stand.run(28);
  expect((await stand.get(id)).counts).toMatchObject({ succeeded: 5, pending: 5 });
  await stand.runUntil(id, 'succeeded', 10);
});

it('counts hosts on which nothing differed as unchanged, unless an earlier claim began to switch', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  stand.worker.behave = () => ({ unchanged: true, switched: false });
  const { id } = await stand.create();
  const ended = await stand.runUntil(id, 'succeeded');
  expect(ended.counts).toMatchObject({ succeeded: 12, unchanged: 12 });
  const { items } = await stand.conductor.listFleet({ limit: 1 });
  expect(items[0]).toMatchObject({ changedBy: null });
});

it('tells its story as events that can be followed from any of them', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  const { id } = await stand.create({ hosts: 2, batches: [{ size: 2 }] });
  const told: string[] = [];
  const following = (async () => {
    for await (const event of stand.conductor.followEvents(id, 0, new AbortController().signal))
      told.push(
        `${event.type} ${event.host ?? event.batch ?? ''} ${textOf(event.details['state'])}`,
      );
  })();
  await stand.runUntil(id, 'succeeded');
  await following;
  expect(told.filter((line) => !line.startsWith('decision'))).toEqual([
    'rollout.state  running',
    'batch.state 1 running',
    'host.state h0 running',
    'host.state h0 succeeded',
    'host.state h1 running',
    'host.state h1 succeeded',
    'batch.state 1 passed',
    'rollout.state  succeeded',
    'end  ',
  ]);
});

it('invites the first hosts of 10,000 for less than two seconds of processor time', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  await stand.worker.beat();
  const before = process.cpuUsage();
  const { id } = await stand.create({ hosts: 10_000, batches: [{ size: 100 }, { size: 500 }] });
  await stand.settled();
  const { user, system } = process.cpuUsage(before);
  expect(stand.queue.invited).toHaveLength(50);
  expect((user + system) / 1000).toBeLessThan(2000);
  expect((await stand.get(id)).batches).toHaveLength(21);
});

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
