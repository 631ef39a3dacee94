import { expect, it } from 'vitest';
import { ADMIN, createStand, OPERATOR, VIEWER_WHO_APPROVES } from './stand.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

it('starts a scheduled rollout at its time and owns its hosts from then on', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  const startAt = new Date(stand.clock.now() + HOUR).toISOString();
  const { id, state } = await stand.create({ hosts: 4, batches: [{ size: 4 }], startAt });
  expect(state).toBe('scheduled');
  await stand.run(60);
  expect(stand.worker.claims).toEqual([]);
  const other = await stand.create({ name: 'meanwhile', hosts: 4, batches: [{ size: 4 }] });
  await stand.runUntil(other.id, 'succeeded');
  await stand.later(HOUR - 2 * MINUTE);
  const ended = await stand.runUntil(id, 'succeeded');
  expect(Date.parse(ended.startedAt ?? '')).toBeGreaterThanOrEqual(Date.parse(startAt));
});

it('warns at its creation of hosts that another rollout has, and waits for a person if that is still so', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  stand.worker.behave = () => undefined;
  const first = await stand.create({ hosts: 4, batches: [{ size: 4 }] });
  const startAt = new Date(stand.clock.now() + MINUTE).toISOString();
  const { id, warnings } = await stand.create({ hosts: 2, batches: [{ size: 2 }], startAt });
  expect(warnings.join()).toContain(first.id);
  const paused = await stand.runUntil(id, 'paused');
  expect(paused.reason).toMatchObject({ code: 'lock_conflict' });
  await expect(stand.act(id, { kind: 'resume' })).rejects.toMatchObject({ code: 'lock_conflict' });
  await stand.act(first.id, {
    kind: 'abort',
    inflight: 'drain',
    rollback: 'none',
    stopRollback: false,
  });
  for (const { claim } of stand.worker.atWork()) await stand.worker.finish(claim, {});
  await stand.runUntil(first.id, 'aborted');
  stand.worker.behave = () => ({});
  await stand.act(id, { kind: 'resume' });
  await stand.runUntil(id, 'succeeded');
});

it('waits for a person where its start was missed by more than startWithin', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  const startAt = new Date(stand.clock.now() + HOUR).toISOString();
  const { id } = await stand.create({ hosts: 2, batches: [{ size: 2 }], startAt });
  await stand.stop();
  stand.clock.stall(HOUR + 16 * MINUTE);
  await stand.start();
  const paused = await stand.runUntil(id, 'paused');
  expect(paused.reason).toMatchObject({ code: 'window' });
  await stand.act(id, { kind: 'resume' });
  await stand.runUntil(id, 'succeeded');
});

it('refuses a start that is over five minutes past, and starts at once within them', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  const past = (ms: number) => new Date(stand.clock.now() - ms).toISOString();
  await expect(stand.create({ startAt: past(6 * MINUTE) })).rejects.toMatchObject({
    code: 'invalid_request',
    errors: [{ path: 'startAt' }],
  });
  expect((await stand.create({ startAt: past(4 * MINUTE) })).state).toBe('running');
});

it('supersedes a rollout: that one drains and ends, then this one starts on its hosts', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  stand.worker.behave = () => undefined;
  const first = await stand.create({ hosts: 6, batches: [{ size: 2 }, { size: 4 }] });
  await stand.run(3);
  expect(stand.worker.atWork()).toHaveLength(2);
  const { id } = await stand.create({ hosts: 6, batches: [{ size: 6 }], supersedes: first.id });
  await stand.run(2);
  expect(await stand.get(first.id)).toMatchObject({
    state: 'aborting',
    reason: { code: 'superseded' },
  });
  expect(await stand.get(id)).toMatchObject({
    state: 'scheduled',
    reason: { code: 'superseded' },
  });
  for (const { claim } of stand.worker.atWork()) await stand.worker.finish(claim, {});
  stand.worker.behave = () => ({});
  await stand.runUntil(id, 'succeeded');
  expect((await stand.get(first.id)).counts).toMatchObject({ succeeded: 2, cancelled: 4 });
});

it('does not supersede a rollout that is rolling back', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  const first = await stand.create({ hosts: 4, batches: [{ size: 2 }, { size: 2 }] });
  await stand.run(2);
  stand.worker.behave = () => undefined;
  await stand.act(first.id, { kind: 'rollback', scope: 'all' });
  await expect(stand.create({ hosts: 4, supersedes: first.id })).rejects.toMatchObject({
    code: 'conflict',
  });
});

it('asks people before the start: not the requester, each once, of just this plan', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  const { id, state, planDigest } = await stand.create({
    hosts: 2,
    batches: [{ size: 2 }],
    approval: { required: true, approvers: 2 },
  });
  expect(state).toBe('pending_approval');
  const approve = { kind: 'approve', planDigest } as const;
  await expect(stand.act(id, approve, OPERATOR)).rejects.toMatchObject({ code: 'forbidden' });
  await expect(
    stand.act(id, { kind: 'approve', planDigest: 'sha256:other' }, ADMIN),
  ).rejects.toMatchObject({ code: 'conflict', details: { planDigest } });
  const once = await stand.act(id, approve, ADMIN);
  expect(once).toMatchObject({ state: 'pending_approval', approval: { by: ['a'], needed: 2 } });
  await expect(stand.act(id, approve, ADMIN)).rejects.toMatchObject({ code: 'conflict' });
  await stand.run(60);
  expect(stand.worker.claims).toEqual([]);
  await stand.act(id, approve, VIEWER_WHO_APPROVES);
  await stand.runUntil(id, 'succeeded');
});

it('is denied where a person says so, and where nobody answers in time', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  const approval = { required: true, expires: '1h' };
  const first = await stand.create({ hosts: 2, batches: [{ size: 2 }], approval });
  expect(await stand.act(first.id, { kind: 'deny', note: 'no' }, ADMIN)).toMatchObject({
    state: 'denied',
    reason: { code: 'approval', message: 'denied: no' },
  });
  const second = await stand.create({ hosts: 2, batches: [{ size: 2 }], approval });
  await stand.later(HOUR + MINUTE);
  expect(await stand.get(second.id)).toMatchObject({ state: 'denied', allowedActions: [] });
});

it('asks before the gate of a batch opens, and goes on when that is approved', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  const { id, planDigest } = await stand.create({
    hosts: 4,
    batches: [{ size: 1, approval: true }, { size: 3 }],
    approval: { expires: '2h' },
  });
  const asked = await stand.runUntil(id, 'pending_approval');
  expect(asked).toMatchObject({ reason: { code: 'approval' }, approval: { batch: 1, by: [] } });
  expect(asked.batches[0]?.state).toBe('waiting');
  await stand.run(60);
  expect((await stand.get(id)).counts.succeeded).toBe(1);
  await stand.act(id, { kind: 'approve', planDigest }, ADMIN);
  const ended = await stand.runUntil(id, 'succeeded');
  expect(ended.approval).toBeNull();
});

it('is paused where nobody approved a gate in time, and asks anew when it is resumed', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  const { id } = await stand.create({
    hosts: 4,
    batches: [{ size: 1, approval: true }, { size: 3 }],
    approval: { expires: '1h' },
  });
  await stand.runUntil(id, 'pending_approval');
  await stand.later(HOUR + MINUTE);
  expect(await stand.get(id)).toMatchObject({ state: 'paused', reason: { code: 'approval' } });
  await stand.act(id, { kind: 'resume' });
  await stand.runUntil(id, 'pending_approval');
});

it('can be rolled back where a person denied the gate of a batch', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  const { id } = await stand.create({
    hosts: 4,
    batches: [{ size: 1, approval: true }, { size: 3 }],
  });
  await stand.runUntil(id, 'pending_approval');
  await stand.act(id, { kind: 'deny' }, ADMIN);
  const aborted = await stand.runUntil(id, 'aborted');
  expect(aborted.allowedActions).toEqual(['rollback']);
  await stand.act(id, { kind: 'rollback', scope: 'all' });
  await stand.runUntil(id, 'aborted');
  expect((await stand.get(id)).counts.rolledBack).toBe(1);
});
