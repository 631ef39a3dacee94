import { PROTOCOL, type Claim } from '#api';
import { expect, it } from 'vitest';
import { failed } from './fake-worker.ts';
import { createStand, type Stand } from './stand.ts';

const ONE = { hosts: 1, batches: [{ size: 1 }] };

/** Time passes in which nobody beats. */
async function silence(stand: Stand, seconds: number) {
  for (let second = 0; second < seconds; second++) await stand.clock.advance(1000, stand.settled);
}

/** A rollout of one host that is at work and stays so. */
async function atWork(stand: Stand): Promise<{ id: string; claim: Claim }> {
  await stand.importBundle();
  stand.worker.behave = () => undefined;
  const { id } = await stand.create(ONE);
  await stand.run(2);
  const [claim] = stand.worker.claims;
  if (!claim) throw new Error('nothing was claimed');
  return { id, claim };
}

it('renews the lease of what a worker works on with every beat', async () => {
  await using stand = await createStand();
  const { id } = await atWork(stand);
  await stand.run(120);
  expect((await stand.get(id)).counts.running).toBe(1);
  expect(stand.worker.claims).toHaveLength(1);
});

it('gives a host back when its lease has run out, with a greater epoch and delivery', async () => {
  await using stand = await createStand();
  const { id, claim } = await atWork(stand);
  await silence(stand, 17);
  expect((await stand.get(id)).counts).toMatchObject({ running: 0, pending: 1 });
  stand.worker.working.clear();
  await stand.run(3);
  const [, second] = stand.worker.claims;
  expect(second).toMatchObject({ host: claim.host, epoch: claim.epoch + 1 });
  const detail = await stand.conductor.getHost(id, 'h0');
  expect(detail.attempts.map(({ outcome }) => outcome)).toEqual(['expired', null]);
});

it('takes the third lease that runs out for the fault of the host: lost, then probed every minute', async () => {
  await using stand = await createStand();
  const { id } = await atWork(stand);
  for (let time = 0; time < 3; time++) {
    await silence(stand, 17);
    stand.worker.working.clear();
    await stand.run(2);
  }
  const [host] = await stand.hosts(id);
  expect(host).toMatchObject({ state: 'lost', code: 'lost' });
  expect((await stand.get(id)).state).toBe('paused');
  stand.worker.behave = ({ task }) => (task === 'probe' ? {} : undefined);
  await stand.run(62);
  expect(stand.worker.claims.map(({ task }) => task)).toEqual(
    'forward forward forward probe'.split(' '),
  );
  expect((await stand.get(id)).counts).toMatchObject({ lost: 0, succeeded: 1 });
});

it('accepts a late report of the newest epoch, also after the lease has run out', async () => {
  await using stand = await createStand();
  const { id, claim } = await atWork(stand);
  await silence(stand, 17);
  await stand.worker.finish(claim, {});
  await stand.runUntil(id, 'succeeded', 5);
  expect(stand.worker.claims).toHaveLength(1);
});

it('only logs what an older epoch reports', async () => {
  await using stand = await createStand();
  const { id, claim } = await atWork(stand);
  await silence(stand, 17);
  stand.worker.working.clear();
  await stand.run(2);
  expect(stand.worker.claims).toHaveLength(2);
  const log = 'the old worker is still talking';
  const report = { rollout: id, host: 0, epoch: claim.epoch, seq: 7 };
  await stand.worker.send([{ ...report, log }]);
  await stand.worker.finish(claim, failed('disk'));
  expect((await stand.get(id)).counts).toMatchObject({ running: 1, failed: 0 });
  expect(await stand.conductor.hostLog(id, 'h0')).toContain(log);
  const [, second] = stand.worker.claims;
  if (second) await stand.worker.finish(second, {});
  await stand.runUntil(id, 'succeeded', 5);
});

it('applies a report once, however often it comes', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  stand.worker.behave = () => undefined;
  const { id } = await stand.create({ hosts: 2, batches: [{ size: 2, maxFailures: 1 }] });
  await stand.run(2);
  const [claim] = stand.worker.claims;
  if (!claim) throw new Error('nothing was claimed');
  const report = await stand.worker.finish(claim, failed('disk'));
  const counts = (await stand.get(id)).counts;
  await stand.worker.send([report, report]);
  expect((await stand.get(id)).counts).toEqual(counts);
  expect(counts).toMatchObject({ failed: 1, running: 1 });
});

it('tells a worker to let go of claims that are no longer its own', async () => {
  await using stand = await createStand();
  const { claim } = await atWork(stand);
  await silence(stand, 17);
  const answer = await stand.worker.beat();
  expect(answer.stop).toEqual([
    { rollout: claim.rollout, host: claim.host, epoch: claim.epoch, why: 'superseded' },
  ]);
});

it('grants the same claim again when its answer was lost, and refuses others', async () => {
  await using stand = await createStand();
  const { claim } = await atWork(stand);
  const [invitation] = stand.queue.invited;
  if (!invitation) throw new Error('nobody was invited');
  const request = { protocol: PROTOCOL, release: '0.1.0', worker: stand.worker.id, invitation };
  const again = await stand.conductor.claim(stand.worker.by, request);
  expect(again.epoch).toBe(claim.epoch);
  const other = stand.conductor.claim(stand.worker.by, { ...request, worker: 'another' });
  await expect(other).rejects.toMatchObject({ code: 'conflict', details: { why: 'leased' } });
  const foreign = stand.conductor.claim({ ...stand.worker.by, site: 'elsewhere' }, request);
  await expect(foreign).rejects.toMatchObject({ code: 'forbidden' });
  const old = stand.conductor.claim(stand.worker.by, { ...request, protocol: 99 });
  await expect(old).rejects.toMatchObject({ code: 'upgrade_required' });
});

it('extends all leases after a stall of its own before it ends any', async () => {
  await using stand = await createStand();
  const { id, claim } = await atWork(stand);
  stand.clock.stall(60_000);
  await stand.clock.advance(1000, stand.settled);
  expect((await stand.get(id)).counts.running).toBe(1);
  await stand.worker.beat();
  await stand.worker.finish(claim, {});
  await stand.runUntil(id, 'succeeded', 5);
  expect(stand.worker.claims).toHaveLength(1);
});

it('extends all leases after a restart, however long it was away', async () => {
  await using stand = await createStand();
  const { id, claim } = await atWork(stand);
  await stand.stop();
  stand.clock.stall(600_000);
  await stand.start();
  await stand.settled();
  await silence(stand, 10);
  expect((await stand.get(id)).counts.running).toBe(1);
  await stand.worker.finish(claim, {});
  await stand.runUntil(id, 'succeeded', 10);
});
