import { expect, it } from 'vitest';
import { failed } from '../fake-worker.ts';
import { ADMIN, createStand, OPERATOR } from '../stand.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const ABORT = { kind: 'abort', inflight: 'drain', rollback: 'none', stopRollback: false } as const;

it('trips in batch 2 with 49 hosts at work: they end, none of them starts another', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  const { worker } = stand;
  worker.behave = ({ host }) => (host < 20 ? {} : undefined);
  const { id } = await stand.create({
    hosts: 150,
    batches: [{ size: 20 }, { size: 130, maxFailures: 0 }],
    strategy: { concurrency: 50 },
  });
  await stand.run(5);
  expect(worker.atWork()).toHaveLength(50);
  const [first, ...others] = worker.atWork().map(({ claim }) => claim);
  if (!first) throw new Error('nothing is at work');
  await worker.finish(first, failed('disk'));
  const tripped = await stand.get(id);
  expect(tripped).toMatchObject({
    state: 'paused',
    reason: { code: 'failure_budget', message: expect.stringContaining('batch 2') },
    batches: [{ state: 'passed' }, { state: 'tripped' }],
    counts: { running: 49, queued: 0 },
  });
  const claims = worker.claims.length;
  for (const [at, claim] of others.entries())
    await worker.finish(claim, at < 3 ? failed('disk') : {});
  await stand.run(60);
  expect(worker.claims).toHaveLength(claims);
  const drained = await stand.get(id);
  expect(drained).toMatchObject({
    state: 'paused',
    reason: { code: 'failure_budget' },
    counts: { succeeded: 66, failed: 4, pending: 80, running: 0 },
  });
});

it('rolls batch 1 back, then a resume with retry runs all of it again', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  const { worker } = stand;
  worker.behave = ({ host, task }) =>
    task === 'forward' && host < 3 ? { ...failed('health'), switched: true } : {};
  const { id } = await stand.create({
    hosts: 10,
    batches: [{ size: 6, maxFailures: 1 }, { size: 4 }],
    strategy: { concurrency: 4 },
  });
  await stand.runUntil(id, 'paused');
  await stand.act(id, { kind: 'rollback', scope: 'batch' });
  const back = await stand.runUntil(id, 'paused');
  expect(back.batches[0]?.counts.rolledBack).toBe(back.counts.rolledBack);
  expect(back.counts.rolledBack).toBeGreaterThan(1);
  worker.behave = () => ({});
  await stand.act(id, { kind: 'resume', mode: 'retry' });
  const ended = await stand.runUntil(id, 'succeeded');
  expect(ended.counts).toMatchObject({ succeeded: 10, failed: 0, rolledBack: 0 });
});

it('tries a host that cannot be reached during a rollback until it is back an hour later', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  const { worker } = stand;
  const { id } = await stand.create({
    hosts: 3,
    batches: [{ size: 3 }],
    timeouts: { host: '2h' },
  });
  await stand.runUntil(id, 'succeeded');
  let away = true;
  worker.behave = ({ task, name }) =>
    task === 'rollback' && name === 'h1' && away ? { state: 'unreachable', code: 'timeout' } : {};
  await stand.act(id, { kind: 'rollback', scope: 'all' });
  await stand.run(30);
  expect((await stand.get(id)).counts).toMatchObject({ rolledBack: 2, rollingBack: 1 });
  await stand.later(HOUR);
  await stand.run(5);
  expect(await stand.get(id)).toMatchObject({ state: 'rolling_back', counts: { rollingBack: 1 } });
  away = false;
  const ended = await stand.runUntil(id, 'rolled_back', 90);
  expect(ended.counts).toMatchObject({ rolledBack: 3, rollbackFailed: 0 });
});

it('neither repeats nor shortens a delay that it is paused in', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  const { id } = await stand.create({ hosts: 2, batches: [{ size: 1, delay: '10m' }] });
  await stand.run(5);
  const passedAt = (await stand.get(id)).batches[0]?.passedAt ?? '';
  await stand.run(60);
  await stand.act(id, { kind: 'pause' });
  await stand.later(4 * MINUTE);
  await stand.act(id, { kind: 'resume' });
  await stand.run(60);
  expect((await stand.get(id)).counts.pending).toBe(1);
  await stand.later(4 * MINUTE);
  const ended = await stand.runUntil(id, 'succeeded', 60);
  const waited = Date.parse(ended.batches[1]?.startedAt ?? '') - Date.parse(passedAt);
  expect(waited).toBeGreaterThanOrEqual(10 * MINUTE);
  expect(waited).toBeLessThan(11 * MINUTE);
});

it('starts at once after a pause that was longer than the delay', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  const { id } = await stand.create({ hosts: 2, batches: [{ size: 1, delay: '10m' }] });
  await stand.run(5);
  await stand.act(id, { kind: 'pause' });
  await stand.later(20 * MINUTE);
  expect((await stand.get(id)).counts.pending).toBe(1);
  await stand.act(id, { kind: 'resume' });
  await stand.runUntil(id, 'succeeded', 10);
});

it('is aborted during a rollback only when that is said, and leaves the rest as it is', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  const { worker } = stand;
  const { id } = await stand.create({
    hosts: 6,
    batches: [{ size: 6 }],
    strategy: { concurrency: 2 },
  });
  await stand.runUntil(id, 'succeeded');
  worker.behave = () => undefined;
  await stand.act(id, { kind: 'rollback', scope: 'all' });
  await stand.run(3);
  expect(worker.atWork()).toHaveLength(2);
  await expect(stand.act(id, ABORT)).rejects.toMatchObject({ code: 'conflict' });
  await stand.act(id, { ...ABORT, stopRollback: true });
  for (const { claim } of worker.atWork()) await worker.finish(claim, {});
  const ended = await stand.runUntil(id, 'aborted', 30);
  expect(ended.counts).toMatchObject({ rolledBack: 2, succeeded: 4 });
});

it('refuses a rollout that wants hosts of a paused one, and says whose they are', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  const { id } = await stand.create({ hosts: 4 });
  await stand.act(id, { kind: 'pause' });
  await expect(stand.create({ hosts: 8 })).rejects.toMatchObject({
    code: 'lock_conflict',
    message: expect.stringContaining(`rollout ${id} (paused, started by olga)`),
    details: { hosts: [{ host: 'h0', rollout: id }, {}, {}, {}] },
  });
  await stand.act(id, ABORT);
  await stand.runUntil(id, 'aborted');
  const next = await stand.create({ hosts: 8 });
  await stand.runUntil(next.id, 'succeeded');
});

it('does not pass a canary that was never reached', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  stand.worker.behave = ({ name }) =>
    name === 'h3' ? { state: 'unreachable', switched: false, code: 'timeout' } : {};
  const { id } = await stand.create({
    hosts: 8,
    batches: [{ hosts: 'h3', maxFailures: 3 }, { size: 10 }],
    budgets: { maxFailures: '100%', maxUnreachable: '100%' },
  });
  const paused = await stand.runUntil(id, 'paused');
  expect(paused).toMatchObject({
    reason: { code: 'batch_failed' },
    counts: { unreachable: 1, pending: 7 },
  });
  expect(stand.worker.claims).toHaveLength(1);
});

it('goes on without hosts that were decommissioned in the middle of it', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  const gone = new Set(['h2', 'h5', 'h6']);
  stand.worker.behave = ({ name }) =>
    gone.has(name) ? { state: 'unreachable', switched: false, code: 'timeout' } : {};
  const { id } = await stand.create({
    hosts: 8,
    batches: [{ size: 4, maxFailures: 0 }, { size: 4 }],
  });
  const paused = await stand.runUntil(id, 'paused');
  expect(paused.reason).toMatchObject({ code: 'failure_budget' });
  await stand.act(id, { kind: 'skip', hosts: [...gone], note: 'decommissioned' });
  await stand.act(id, { kind: 'resume', mode: 'retry' });
  const ended = await stand.runUntil(id, 'completed_with_errors');
  expect(ended.counts).toMatchObject({ succeeded: 5, skipped: 3, failed: 0, unreachable: 0 });
});

it('rolls the batch back at 04:58 by onTrip, whatever the window, and then waits for a person', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  const { worker, clock } = stand;
  worker.behave = ({ host, task }) => {
    if (task === 'rollback') return clock.now() < Date.UTC(2026, 5, 1, 5, 10) ? undefined : {};
    return host < 4 ? {} : undefined;
  };
  await stand.later(4 * HOUR);
  const { id } = await stand.create({
    hosts: 12,
    batches: [{ size: 4 }, { size: 4, maxFailures: 0 }, { size: 4 }],
    strategy: { onTrip: 'rollback-batch' },
    timezone: 'UTC',
    windows: [{ from: '01:00', to: '05:00' }],
    timeouts: { host: '30m', batch: '20h' },
  });
  await stand.run(20);
  expect(worker.atWork()).toHaveLength(4);
  const [first, second, ...others] = worker.atWork().map(({ claim }) => claim);
  if (!first || !second) throw new Error('nothing is at work');
  for (const claim of others) await worker.finish(claim, {});
  await worker.finish(second, {});
  await stand.later(58 * MINUTE - 40_000);
  await worker.finish(first, failed('health'));
  const tripped = await stand.get(id);
  expect(tripped).toMatchObject({ state: 'rolling_back', reason: { code: 'failure_budget' } });
  await stand.later(15 * MINUTE);
  worker.behave = () => ({});
  for (const { claim } of worker.atWork()) await worker.finish(claim, {});
  const paused = await stand.runUntil(id, 'paused', 120);
  expect(paused).toMatchObject({
    counts: { succeeded: 4, pending: 4 },
    batches: [{ state: 'passed' }, {}, { state: 'pending' }],
  });
  expect(paused.counts.rolledBack).toBeGreaterThanOrEqual(3);
  await expect(stand.act(id, { kind: 'resume' })).rejects.toMatchObject({
    code: 'invalid_request',
  });
  expect(paused.reason?.decision).toBe(tripped.reason?.decision);
  const acknowledge = paused.reason?.decision;
  const resumed = await stand.act(id, { kind: 'resume', mode: 'continue', acknowledge });
  expect(resumed.state).toBe('running');
});

it('rolls back four hours after the end, and leaves hosts that a later rollout changed', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  const first = await stand.create({ hosts: 6, batches: [{ size: 6 }] });
  await stand.runUntil(first.id, 'succeeded');
  const later = await stand.create({ name: 'later', hosts: 6, targets: 'h1:h4' });
  await stand.runUntil(later.id, 'succeeded');
  await stand.later(4 * HOUR);
  const asked = await stand.act(first.id, { kind: 'rollback', scope: 'all' });
  expect(asked.rollback?.hosts.toSorted()).toEqual(['h0', 'h2', 'h3', 'h5']);
  expect(asked.rollback?.leftAlone).toMatchObject([
    { host: 'h1', reason: { code: 'superseded' } },
    { host: 'h4', reason: { code: 'superseded' } },
  ]);
  const ended = await stand.runUntil(first.id, 'completed_with_errors');
  expect(ended.counts).toMatchObject({ rolledBack: 4, succeeded: 2 });
});

it('does what the first of two people asked who press rollback and resume in one second', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  stand.worker.behave = ({ host }) => (host < 2 ? failed('disk') : {});
  const { id } = await stand.create({ hosts: 6, batches: [{ size: 3, maxFailures: 0 }] });
  await stand.runUntil(id, 'paused');
  const claims = stand.worker.claims.length;
  const { etag, value } = await stand.conductor.getRollout(id);
  const decision = value.reason?.decision;
  if (decision === undefined) throw new Error('it has not tripped');
  const [back, on] = await Promise.allSettled([
    stand.conductor.act(ADMIN, id, { kind: 'rollback', scope: 'batch' }, { ifMatch: etag }),
    stand.conductor.act(
      OPERATOR,
      id,
      { kind: 'resume', mode: 'continue', acknowledge: decision },
      { ifMatch: etag },
    ),
  ]);
  expect(back.status).toBe('fulfilled');
  expect(on).toMatchObject({ status: 'rejected', reason: { code: 'precondition_failed' } });
  await stand.runUntil(id, 'paused');
  await stand.run(30);
  expect(stand.worker.claims.filter(({ task }) => task === 'forward')).toHaveLength(claims);
  const { items } = await stand.conductor.listAudit({ limit: 10 });
  expect(
    items.filter(({ rollout }) => rollout === id).map(({ verb, who }) => `${who} ${verb}`),
  ).toEqual(['ada rollback', 'olga create']);
});
