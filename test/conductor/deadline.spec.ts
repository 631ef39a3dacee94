import { expect, it } from 'vitest';
import { ADMIN, createStand } from './stand.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const TIMEOUTS = { step: '1m', host: '20m', batch: '1h' };

it('trips a batch that was at work for too long, and counts no pause', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  stand.worker.behave = ({ host }) => (host === 0 ? {} : undefined);
  const { id } = await stand.create({
    hosts: 3,
    batches: [{ size: 3 }],
    strategy: { concurrency: 2 },
    timeouts: TIMEOUTS,
  });
  await stand.run(5);
  await stand.later(40 * MINUTE);
  await stand.act(id, { kind: 'pause' });
  await stand.later(2 * HOUR);
  await stand.act(id, { kind: 'resume' });
  await stand.run(15);
  expect((await stand.get(id)).state).toBe('running');
  await stand.later(21 * MINUTE);
  const paused = await stand.runUntil(id, 'paused', 30);
  expect(paused.reason).toMatchObject({ code: 'deadline' });
});

it('lets the time of a batch stand still outside every window', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  stand.worker.behave = ({ host }) => (host === 0 ? undefined : {});
  await stand.later(4 * HOUR + 25 * MINUTE);
  const { id } = await stand.create({
    hosts: 4,
    batches: [{ size: 4 }],
    strategy: { concurrency: 1 },
    timeouts: TIMEOUTS,
    timezone: 'UTC',
    windows: [{ from: '01:00', to: '05:00' }],
  });
  await stand.run(5);
  await stand.later(20 * MINUTE);
  for (const { claim } of stand.worker.atWork()) await stand.worker.finish(claim, {});
  await stand.run(15);
  expect(await stand.get(id)).toMatchObject({
    state: 'running',
    reason: { code: 'window' },
    counts: { succeeded: 1, pending: 3 },
  });
  await stand.later(20 * HOUR + 20 * MINUTE);
  await stand.runUntil(id, 'succeeded', 60);
});

it('lets the time of a batch stand still without a worker', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  stand.worker.behave = () => undefined;
  const { id } = await stand.create({
    hosts: 2,
    batches: [{ size: 2 }],
    strategy: { concurrency: 1 },
    timeouts: TIMEOUTS,
  });
  await stand.run(3);
  for (const { claim } of stand.worker.atWork()) await stand.worker.finish(claim, {});
  await stand.worker.beat(false);
  await stand.clock.advance(30_000, stand.settled);
  expect((await stand.get(id)).reason).toMatchObject({ code: 'no_worker' });
  for (let hour = 0; hour < 3; hour++) await stand.later(HOUR);
  expect((await stand.get(id)).state).toBe('running');
  stand.worker.behave = () => ({});
  await stand.runUntil(id, 'succeeded', 60);
});

it('tries a rollback that is frozen no shorter for it', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  let away = true;
  stand.worker.behave = ({ task }) =>
    task === 'rollback' && away ? { state: 'unreachable', code: 'timeout' } : {};
  const { id } = await stand.create({ hosts: 1, batches: [{ size: 1 }], timeouts: TIMEOUTS });
  await stand.runUntil(id, 'succeeded');
  await stand.act(id, { kind: 'rollback', scope: 'all' });
  await stand.run(70);
  await stand.conductor.freeze(ADMIN, { note: 'n', rollbacks: true });
  await stand.later(2 * HOUR);
  await stand.run(15);
  await stand.conductor.unfreeze(ADMIN);
  await stand.run(65);
  expect((await stand.get(id)).state).toBe('rolling_back');
  away = false;
  await stand.runUntil(id, 'rolled_back', 90);
});

it('gives a rollback up when its time is over', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  stand.worker.behave = ({ task }) =>
    task === 'rollback' ? { state: 'unreachable', code: 'timeout' } : {};
  const { id } = await stand.create({ hosts: 1, batches: [{ size: 1 }], timeouts: TIMEOUTS });
  await stand.runUntil(id, 'succeeded');
  await stand.act(id, { kind: 'rollback', scope: 'all' });
  await stand.run(10);
  await stand.later(21 * MINUTE);
  await stand.run(65);
  expect((await stand.get(id)).counts).toMatchObject({ rollbackFailed: 1 });
});
