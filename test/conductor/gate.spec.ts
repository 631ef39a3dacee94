import { expect, it } from 'vitest';
import { failed } from './fake-worker.ts';
import { createStand, type Stand } from './stand.ts';

const BATCHES = [{ size: 3 }, { size: 4, maxFailures: 1 }, { size: 5 }];
const FULL = ['h3', 'h4'];

/** An upgrade with two full disks in batch 2, of which one is tolerated. */
async function trip(stand: Stand) {
  await stand.importBundle();
  stand.worker.behave = ({ name, task }) =>
    task === 'forward' && FULL.includes(name) ? failed('disk', `${name}: 10 bytes free`) : {};
  const { id } = await stand.create({ batches: BATCHES });
  return stand.runUntil(id, 'paused');
}

it('trips at the failure after the tolerated ones and never reaches the next batch', async () => {
  await using stand = await createStand();
  const paused = await trip(stand);
  expect(paused.reason).toMatchObject({
    code: 'failure_budget',
    message: 'batch 2: 2 failed of 4, 1 tolerated',
  });
  expect(paused.batches[1]).toMatchObject({ state: 'tripped', tripsAt: 2 });
  expect(paused.batches[2]?.counts).toMatchObject({ pending: 5 });
  expect(stand.worker.claims.every(({ host }) => host < 7)).toBe(true);
  await stand.run(60);
  expect((await stand.get(paused.id)).batches[2]?.counts.pending).toBe(5);
  const [group] = await stand.conductor.listFailures(paused.id);
  expect(group).toMatchObject({ code: 'disk', count: 2, hosts: FULL, remedy: 'mend it' });
  const { items } = await stand.conductor.listHosts(paused.id, {
    limit: 10,
    signature: group?.signature,
  });
  expect(items.map(({ name }) => name)).toEqual(FULL);
});

it('stores the decision that tripped with its numbers and hosts, and the reason points to it', async () => {
  await using stand = await createStand();
  const paused = await trip(stand);
  const { items } = await stand.conductor.listDecisions(paused.id, { limit: 100 });
  const decision = items.find(({ number }) => number === paused.reason?.decision);
  expect(decision).toMatchObject({
    kind: 'trip',
    batch: 2,
    by: null,
    hosts: FULL,
    evidence: { numerator: 2, denominator: 4, limit: 1 },
  });
});

it('needs a mode after a trip; acknowledged failures leave the numerators and trip again later', async () => {
  await using stand = await createStand();
  const paused = await trip(stand);
  const trigger = paused.reason?.decision ?? 0;
  await expect(stand.act(paused.id, { kind: 'resume' })).rejects.toMatchObject({
    code: 'invalid_request',
  });
  const resumed = await stand.act(paused.id, {
    kind: 'resume',
    mode: 'continue',
    acknowledge: trigger,
    note: 'disks are ordered',
  });
  expect(resumed).toMatchObject({ state: 'running', counts: { acknowledged: 2 } });
  expect(resumed.batches[1]?.tripsAt).toBe(4);
  const ended = await stand.runUntil(paused.id, 'completed_with_errors');
  expect(ended.counts).toMatchObject({ succeeded: 10, failed: 2, acknowledged: 2 });
});

it('trips again exactly where the new tripsAt says', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  const bad = new Set(['h0', 'h1', 'h2', 'h3', 'h4']);
  stand.worker.behave = ({ name }) => (bad.has(name) ? failed('disk') : {});
  const batches = [{ size: 12, maxFailures: 1 }];
  const { id } = await stand.create({ batches, strategy: { concurrency: 1 } });
  const first = await stand.runUntil(id, 'paused');
  expect(first.counts).toMatchObject({ failed: 2 });
  expect(first.batches[0]?.tripsAt).toBe(2);
  const again = await stand.act(id, {
    kind: 'resume',
    mode: 'continue',
    acknowledge: first.reason?.decision,
  });
  expect(again.batches[0]?.tripsAt).toBe(4);
  const second = await stand.runUntil(id, 'paused');
  expect(second.counts).toMatchObject({ failed: 4, acknowledged: 2 });
  expect(second.reason?.message).toContain('4 failed of 12, 2 of them acknowledged, 1 tolerated');
});

it('runs what failed again with mode retry, in batch order, and ends succeeded once it is mended', async () => {
  await using stand = await createStand();
  const paused = await trip(stand);
  stand.worker.behave = () => ({});
  const before = stand.worker.claims.length;
  await stand.act(paused.id, { kind: 'resume', mode: 'retry' });
  const ended = await stand.runUntil(paused.id, 'succeeded');
  expect(ended.counts).toMatchObject({ succeeded: 12, failed: 0 });
  const names = stand.worker.claims.slice(before).map(({ name }) => name);
  expect(names.slice(0, 2)).toEqual(FULL);
});

it('retries named hosts while running, before anything new', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  let broken = true;
  stand.worker.behave = ({ name }) =>
    name === 'h0' ? (broken ? failed('disk') : {}) : name === 'h1' ? undefined : {};
  const batches = [{ size: 12, maxFailures: 1 }];
  const { id } = await stand.create({ batches, strategy: { concurrency: 2 } });
  await stand.run(3);
  broken = false;
  await stand.act(id, { kind: 'retry', hosts: ['h0'] });
  for (const { claim } of stand.worker.atWork()) await stand.worker.finish(claim, {});
  stand.worker.behave = () => ({});
  await stand.runUntil(id, 'succeeded');
});

it('pauses a batch in which no host succeeded, whatever the budgets', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  stand.worker.behave = () => ({ state: 'unreachable', switched: false, code: 'timeout' });
  const batches = [{ size: 3, maxFailures: 5, maxUnreachable: 5 }, { size: 9 }];
  const { id } = await stand.create({ batches });
  const paused = await stand.runUntil(id, 'paused');
  expect(paused.reason?.code).toBe('batch_failed');
  expect(paused.counts).toMatchObject({ unreachable: 3, pending: 9 });
});

it('tells webhooks and commands of the plan, and again every half hour while paused', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  stand.worker.behave = () => failed('disk');
  const notify = [{ command: 'page.sh', on: ['paused', 'finished'] }];
  const { id } = await stand.create({ notify });
  await stand.runUntil(id, 'paused');
  await stand.run(2);
  expect(stand.notified).toEqual([
    expect.objectContaining({
      event: 'paused',
      rollout: id,
      state: 'paused',
      reason: expect.objectContaining({ code: 'failure_budget' }) as unknown,
    }),
  ]);
  await stand.run(30 * 60 + 2);
  expect(stand.notified.map(({ event }) => event)).toEqual(['paused', 'paused']);
});
