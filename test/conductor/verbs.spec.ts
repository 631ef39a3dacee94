import { expect, it } from 'vitest';
import { failed } from './fake-worker.ts';
import { ADMIN, createStand, OPERATOR } from './stand.ts';

it('pauses at once: queued hosts are pending again and their invitations void', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  await stand.worker.beat();
  const { id } = await stand.create({ hosts: 60, batches: [{ size: 60 }] });
  await stand.settled();
  expect((await stand.get(id)).counts).toMatchObject({ queued: 50, pending: 10 });
  const paused = await stand.act(id, { kind: 'pause', note: 'lunch' });
  expect(paused).toMatchObject({ state: 'paused', reason: { code: 'operator' } });
  expect(paused.counts).toMatchObject({ queued: 0, running: 0, pending: 60 });
  expect(paused.allowedActions).toEqual([
    'resume',
    'rollback',
    'abort',
    'retry',
    'skip',
    'refresh',
    'extend',
  ]);
  await stand.run(30);
  expect(stand.worker.claims).toEqual([]);
  expect(stand.worker.refused).toEqual(Array(50).fill('paused'));
  await stand.act(id, { kind: 'resume' });
  await stand.runUntil(id, 'succeeded');
  expect(new Set(stand.worker.claims.map(({ host }) => host)).size).toBe(60);
  expect(stand.worker.claims).toHaveLength(60);
});

it('lets hosts at work drain, or stops them at the next safe point', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  stand.worker.behave = () => undefined;
  const { id } = await stand.create({ hosts: 4, batches: [{ size: 4 }] });
  await stand.run(2);
  await stand.act(id, { kind: 'pause' });
  await stand.worker.beat();
  expect(stand.worker.stops).toEqual([]);
  await stand.act(id, { kind: 'resume' });
  await stand.act(id, { kind: 'pause', inflight: 'cancel' });
  await stand.worker.beat();
  expect(stand.worker.stops.map(({ why }) => why)).toEqual(Array(4).fill('cancel'));
  for (const { claim } of stand.worker.atWork())
    await stand.worker.finish(claim, { state: 'cancelled', switched: false, code: 'stopped' });
  expect((await stand.get(id)).counts).toMatchObject({ cancelled: 4 });
  stand.worker.behave = () => ({});
  await stand.act(id, { kind: 'resume' });
  await stand.runUntil(id, 'succeeded');
});

it('refuses what the state does not allow, also the second of two equal verbs at once', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  const { id } = await stand.create();
  const both = await Promise.allSettled([
    stand.act(id, { kind: 'pause' }),
    stand.act(id, { kind: 'pause' }),
  ]);
  expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  await expect(stand.act(id, { kind: 'pause' })).rejects.toMatchObject({
    code: 'conflict',
    details: {
      allowedActions: ['resume', 'rollback', 'abort', 'retry', 'skip', 'refresh', 'extend'],
    },
  });
});

it('checks If-Match against an ETag that verbs and trips change and reports do not', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  stand.worker.behave = ({ name }) => (name === 'h0' ? undefined : {});
  const { id } = await stand.create();
  const { etag } = await stand.conductor.getRollout(id);
  await stand.run(3);
  expect((await stand.conductor.getRollout(id)).etag).toBe(etag);
  const pause = { kind: 'pause' } as const;
  const wrong = stand.conductor.act(OPERATOR, id, pause, { ifMatch: '"0"' });
  await expect(wrong).rejects.toMatchObject({ code: 'precondition_failed' });
  const paused = await stand.conductor.act(OPERATOR, id, pause, { ifMatch: etag });
  expect(paused.etag).not.toBe(etag);
});

it('writes down who did what, with what it was before and after', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  const { id } = await stand.create();
  await stand.act(id, { kind: 'pause', note: 'wait for the vendor' }, ADMIN);
  const { items } = await stand.conductor.listAudit({ limit: 2 });
  expect(items[0]).toMatchObject({
    who: 'ada',
    role: 'admin',
    verb: 'pause',
    rollout: id,
    note: 'wait for the vendor',
    before: { state: 'running' },
    after: { state: 'paused' },
  });
  expect(items[1]).toMatchObject({ who: 'olga', verb: 'create', after: { hosts: 12 } });
});

it('aborts: pending hosts are cancelled, hosts at work drain, the hosts are free again', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  stand.worker.behave = () => undefined;
  const { id } = await stand.create();
  await stand.run(2);
  const aborting = await stand.act(id, {
    kind: 'abort',
    inflight: 'drain',
    rollback: 'none',
    stopRollback: false,
  });
  expect(aborting).toMatchObject({ state: 'aborting', counts: { running: 3, cancelled: 9 } });
  for (const { claim } of stand.worker.atWork()) await stand.worker.finish(claim, {});
  const aborted = await stand.runUntil(id, 'aborted');
  expect(aborted.counts).toMatchObject({ succeeded: 3, cancelled: 9 });
  stand.worker.behave = () => ({});
  const next = await stand.create();
  await stand.runUntil(next.id, 'succeeded');
});

it('aborts and rolls back all that it changed', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  stand.worker.behave = ({ name, task }) =>
    task === 'forward' && name === 'h6' ? failed('disk') : {};
  const { id } = await stand.create();
  await stand.runUntil(id, 'paused');
  const abort = { kind: 'abort', inflight: 'drain', rollback: 'all', stopRollback: false } as const;
  await stand.act(id, abort);
  const ended = await stand.runUntil(id, 'aborted');
  expect(ended.counts).toMatchObject({ rolledBack: 6, failed: 1, cancelled: 5 });
});
