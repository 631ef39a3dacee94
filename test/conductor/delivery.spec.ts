import { expect, it } from 'vitest';
import { failed } from './fake-worker.ts';
import { createStand } from './stand.ts';

it('invites again what the queue lost, and every host is claimed once', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  await stand.worker.beat();
  const { id } = await stand.create({ hosts: 6, batches: [{ size: 6 }] });
  await stand.settled();
  expect(stand.queue.invited).toHaveLength(6);
  stand.queue.flush();
  await stand.runUntil(id, 'succeeded', 30);
  expect(stand.queue.invited).toHaveLength(12);
  expect(stand.worker.claims).toHaveLength(6);
});

it('goes on when the queue was away', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  await stand.worker.beat();
  stand.queue.down = true;
  const { id } = await stand.create();
  await stand.run(12);
  expect(stand.queue.invited).toEqual([]);
  await expect(stand.conductor.ready()).rejects.toMatchObject({ code: 'unavailable' });
  stand.queue.down = false;
  await stand.runUntil(id, 'succeeded', 60);
  expect(stand.worker.claims).toHaveLength(12);
});

it('refuses an invitation that comes twice or late', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  const { id } = await stand.create({ hosts: 2, batches: [{ size: 2 }] });
  await stand.runUntil(id, 'succeeded');
  await stand.queue.invite('default', [...stand.queue.invited]);
  await stand.worker.work();
  expect(stand.worker.refused).toHaveLength(2);
  expect(stand.worker.claims).toHaveLength(2);
});

it('takes invitations back from a site whose workers fell silent, and says what it waits for', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  await stand.worker.beat();
  const { id } = await stand.create();
  await stand.settled();
  expect((await stand.get(id)).counts.queued).toBe(3);
  for (let second = 0; second < 20; second++) await stand.clock.advance(1000, stand.settled);
  const rollout = await stand.get(id);
  expect(rollout.counts).toMatchObject({ queued: 0, pending: 12 });
  expect(rollout).toMatchObject({ state: 'running', reason: { code: 'no_worker' } });
  const ended = await stand.runUntil(id, 'succeeded');
  expect(ended.reason).toBeNull();
});

it('holds a site after a fault of our own, alerts, and burns no attempt of the host', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  let corrupt = true;
  stand.worker.behave = () =>
    corrupt
      ? {
          state: 'released',
          switched: false,
          code: 'blob_corrupt',
          message: 'a blob of the store is not what its name says',
          ownFault: 'site_unavailable',
        }
      : {};
  const { id } = await stand.create({ hosts: 1, batches: [{ size: 1 }] });
  await stand.run(20);
  expect(stand.worker.claims).toHaveLength(1);
  const held = await stand.get(id);
  expect(held).toMatchObject({ counts: { pending: 1 }, reason: { code: 'site_unavailable' } });
  corrupt = false;
  await stand.runUntil(id, 'succeeded', 30);
  const alerts: string[] = [];
  for await (const event of stand.conductor.followEvents(id, 0, new AbortController().signal))
    if (event.type === 'alert')
      alerts.push(`${String(event.details['cause'])}, over: ${String(event.details['over'])}`);
  expect(alerts).toEqual(['blob_corrupt, over: false', 'null, over: true']);
});

it('goes on after a crash between any two steps, with nothing done twice', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  stand.worker.behave = ({ name }) => (name === 'h2' ? failed('disk') : {});
  const batches = [{ size: 3, maxFailures: 1, delay: '3s' }, { size: 4 }, { size: 5 }];
  const { id } = await stand.create({ batches });
  for (let crash = 0; crash < 25; crash++) {
    await stand.restart();
    await stand.worker.beat();
    await stand.worker.work();
    await stand.clock.advance(700, stand.settled);
    await stand.get(id);
  }
  const ended = await stand.runUntil(id, 'completed_with_errors', 60);
  expect(ended.counts).toMatchObject({ succeeded: 11, failed: 1 });
  expect(stand.worker.claims).toHaveLength(12);
});

it('sends what a transaction left in the outbox when it starts again', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  await stand.worker.beat();
  stand.queue.down = true;
  const { id } = await stand.create({ hosts: 3, batches: [{ size: 3 }] });
  await stand.settled();
  expect((await stand.get(id)).counts.queued).toBe(3);
  stand.queue.down = false;
  await stand.restart();
  expect(stand.queue.invited).toHaveLength(3);
});
