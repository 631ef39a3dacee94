import { expect, it } from 'vitest';
import { failed } from './fake-worker.ts';
import { createStand, type Stand } from './stand.ts';

const BATCHES = [{ size: 3 }, { size: 4, maxFailures: 1 }, { size: 5 }];

/** Batch 2 trips: h3 and h4 were switched, h5 and h6 failed before that. */
async function trip(stand: Stand) {
  await stand.importBundle();
  stand.worker.behave = ({ name, task }) =>
    task === 'forward' && ['h5', 'h6'].includes(name) ? failed('disk') : {};
  const { id } = await stand.create({ batches: BATCHES });
  return stand.runUntil(id, 'paused');
}

it('brings the batch that tripped back and leaves the others as they are', async () => {
  await using stand = await createStand();
  const { id } = await trip(stand);
  const answer = await stand.act(id, { kind: 'rollback', scope: 'batch' });
  expect(answer).toMatchObject({ state: 'rolling_back', counts: { rollingBack: 2, succeeded: 3 } });
  expect(answer.rollback).toEqual({
    scope: 'batch',
    batch: 2,
    hosts: ['h3', 'h4'],
    leftAlone: ['h5', 'h6'].map((host) => ({
      host,
      reason: { code: 'not_changed', message: 'this rollout did not change it' },
    })),
  });
  const ended = await stand.runUntil(id, 'paused');
  expect(ended.counts).toMatchObject({ rolledBack: 2, failed: 2, succeeded: 3, pending: 5 });
  expect(ended.batches.map(({ state }) => state)).toEqual(['passed', 'rolled_back', 'pending']);
  const tasks = stand.worker.claims.filter(({ task }) => task === 'rollback');
  expect(tasks.map(({ name }) => name)).toEqual(['h3', 'h4']);
  stand.worker.behave = () => ({});
  await stand.act(id, { kind: 'resume', mode: 'retry' });
  expect((await stand.runUntil(id, 'succeeded')).counts).toMatchObject({ succeeded: 12 });
});

it('rolls all back after the end, unless a later rollout changed or has the host', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  const first = await stand.create({ hosts: 4, batches: [{ size: 4 }] });
  await stand.runUntil(first.id, 'succeeded');
  const later = await stand.create({ hosts: 1, batches: [{ size: 1 }] });
  await stand.runUntil(later.id, 'succeeded');
  stand.worker.behave = ({ name, task }) => (task === 'forward' && name === 'h1' ? undefined : {});
  const owner = await stand.create({ hosts: 4, targets: 'h1', batches: [{ size: 1 }] });
  await stand.run(2);

  const answer = await stand.act(first.id, { kind: 'rollback', scope: 'all' });
  expect(answer.rollback?.hosts).toEqual(['h2', 'h3']);
  expect(answer.rollback?.leftAlone).toEqual([
    { host: 'h1', reason: { code: 'lock_conflict', message: 'belongs to another rollout now' } },
    { host: 'h0', reason: { code: 'superseded', message: 'a later rollout changed it' } },
  ]);
  const ended = await stand.runUntil(first.id, 'completed_with_errors');
  expect(ended.counts).toMatchObject({ rolledBack: 2, succeeded: 2 });
  expect((await stand.get(owner.id)).state).toBe('running');

  await stand.act(later.id, { kind: 'rollback', scope: 'all' });
  await stand.runUntil(later.id, 'rolled_back');
  const again = await stand.act(first.id, { kind: 'rollback', scope: 'hosts', hosts: ['h0'] });
  expect(again.rollback?.hosts).toEqual(['h0']);
});

it('ends `rolled_back` when every host is back, and its hosts are free', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  const { id } = await stand.create({ hosts: 3, batches: [{ size: 3 }] });
  await stand.runUntil(id, 'succeeded');
  await stand.act(id, { kind: 'rollback', scope: 'all' });
  const ended = await stand.runUntil(id, 'rolled_back');
  expect(ended.counts).toMatchObject({ rolledBack: 3 });
  expect(ended.allowedActions).toEqual([]);
  const next = await stand.create({ hosts: 3, batches: [{ size: 3 }] });
  expect(next.state).toBe('running');
});

it('is `paused` again where hosts were left alone because nothing had changed on them', async () => {
  await using stand = await createStand();
  const { id } = await trip(stand);
  const asked = await stand.act(id, { kind: 'rollback', scope: 'all' });
  expect(asked.rollback?.leftAlone).not.toEqual([]);
  const ended = await stand.runUntil(id, 'paused');
  expect(ended).toMatchObject({ reason: { code: 'operator' }, counts: { rolledBack: 5 } });
});

it('rolls a host at work back when it has ended', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  stand.worker.behave = ({ task }) => (task === 'forward' ? undefined : {});
  const { id } = await stand.create({ hosts: 3, batches: [{ size: 3 }] });
  await stand.run(2);
  const answer = await stand.act(id, { kind: 'rollback', scope: 'all' });
  expect(answer.rollback?.hosts).toEqual(['h0', 'h1', 'h2']);
  for (const { claim } of stand.worker.atWork()) await stand.worker.finish(claim, {});
  await stand.runUntil(id, 'rolled_back');
});

it('tries hosts that cannot be reached every minute, then gives up and says so first', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  const timeouts = { connect: '5s', step: '1m', host: '3m' };
  const notify = [{ command: 'page.sh', on: ['rollback_failed'] }];
  const { id } = await stand.create({ hosts: 2, batches: [{ size: 2 }], timeouts, notify });
  await stand.runUntil(id, 'succeeded');
  stand.worker.behave = ({ name }) =>
    name === 'h0'
      ? { state: 'unreachable', switched: false, code: 'timeout', message: 'no answer' }
      : {};
  await stand.act(id, { kind: 'rollback', scope: 'all' });
  const ended = await stand.runUntil(id, 'completed_with_errors', 400);
  expect(ended.counts).toMatchObject({ rolledBack: 1, rollbackFailed: 1 });
  expect(ended.reason?.code).toBe('rollback_failed');
  const tries = stand.worker.claims.filter(
    ({ task, name }) => task === 'rollback' && name === 'h0',
  );
  expect(tries).toHaveLength(4);
  await stand.run(2);
  expect(stand.notified.map(({ event }) => event)).toEqual(['rollback_failed']);
});
