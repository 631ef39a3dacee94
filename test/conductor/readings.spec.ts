import { expect, it } from 'vitest';
import { ADMIN, createStand, OPERATOR, planOf, type Stand } from './stand.ts';

const FACTS = { go: 'go1.21.5-abc', epoch: 3, fleet: 'f', found: { places: {} } };

async function known(stand: Stand, hosts = 3) {
  await stand.importBundle();
  const { id } = await stand.create({ hosts, batches: [{ size: hosts }] });
  await stand.runUntil(id, 'succeeded');
  return id;
}

async function done(stand: Stand, id: string, seconds = 60) {
  const isDone = async () => (await stand.conductor.getReading(id, { limit: 1 })).state === 'done';
  await stand.run(seconds, isDone);
  return stand.conductor.getReading(id, { limit: 100 });
}

it('reads known hosts and leaves epoch, owner and the list of rollouts as they were', async () => {
  await using stand = await createStand();
  await known(stand);
  const before = await stand.conductor.listFleet({ limit: 10 });
  stand.worker.behave = () => ({ switched: false, after: FACTS });
  const begun = await stand.conductor.readHosts(OPERATOR, { hosts: 'h*' });
  expect(begun).toMatchObject({ state: 'running', counts: { planned: 3 } });
  const reading = await done(stand, begun.id);
  expect(reading.counts).toEqual({ planned: 3, waiting: 0, read: 3, failed: 0 });
  expect(reading.items.map(({ name, state, facts }) => ({ name, state, facts }))).toEqual(
    ['h0', 'h1', 'h2'].map((name) => ({ name, state: 'read', facts: FACTS })),
  );
  expect(stand.worker.claims.slice(-3).map(({ task }) => task)).toEqual(['read', 'read', 'read']);
  const after = await stand.conductor.listFleet({ limit: 10 });
  const { found: _, ...summary } = FACTS;
  expect(after.items.map(({ lastSeenAt: _seen, ...host }) => host)).toEqual(
    before.items.map(({ lastSeenAt: _seen, ...host }) => ({ ...host, facts: summary })),
  );
  expect((await stand.conductor.listRollouts({ limit: 10 })).items).toHaveLength(1);
  await expect(stand.conductor.getRollout(begun.id)).rejects.toMatchObject({ code: 'not_found' });
  const abort = stand.conductor.act(ADMIN, begun.id, {
    kind: 'abort',
    inflight: 'drain',
    rollback: 'none',
    stopRollback: false,
  });
  await expect(abort).rejects.toMatchObject({ code: 'not_found' });
});

it('ends although no host could be read, each with its code', async () => {
  await using stand = await createStand();
  await known(stand);
  stand.worker.behave = ({ host }) =>
    host === 0
      ? { state: 'failed', switched: false, code: 'auth', message: 'no', remedy: 'key' }
      : { state: 'unreachable', switched: false, code: 'refused', message: 'no' };
  const { id } = await stand.conductor.readHosts(OPERATOR, { hosts: ['h0', 'h1', 'h2'] });
  const reading = await done(stand, id);
  expect(reading.counts).toMatchObject({ read: 0, failed: 3 });
  expect(reading.items.map(({ code }) => code)).toEqual(['auth', 'refused', 'refused']);
});

it('does not disturb a rollout that works on the same host, nor is it disturbed', async () => {
  await using stand = await createStand();
  await known(stand, 1);
  stand.worker.behave = ({ task }) => (task === 'read' ? { after: FACTS } : undefined);
  const rollout = await stand.create({ hosts: 1, batches: [{ size: 1 }], name: 'second' });
  await stand.run(2);
  const claim = stand.worker.claims.at(-1);
  if (!claim) throw new Error('nothing was claimed');
  const { id } = await stand.conductor.readHosts(OPERATOR, { hosts: 'all' });
  expect((await done(stand, id)).counts.read).toBe(1);
  expect((await stand.get(rollout.id)).counts.running).toBe(1);
  await stand.worker.finish(claim, {});
  await stand.runUntil(rollout.id, 'succeeded', 10);
});

it('reads in a freeze, and a host that is kept out of rollouts', async () => {
  await using stand = await createStand();
  await known(stand, 2);
  await stand.conductor.freeze(ADMIN, { note: 'Christmas', rollbacks: true });
  await stand.conductor.quarantine(ADMIN, 'h1', { note: 'broken fan' });
  const { id } = await stand.conductor.readHosts(OPERATOR, { hosts: 'all' });
  expect((await done(stand, id)).counts.read).toBe(2);
});

it('reads hosts of an inventory that nobody has met', async () => {
  await using stand = await createStand();
  const { inventory } = planOf({ hosts: 2, prefix: 'new' });
  const { id } = await stand.conductor.readHosts(OPERATOR, { inventory, targets: 'new1' });
  const reading = await done(stand, id);
  expect(reading.items.map(({ name, state }) => ({ name, state }))).toEqual([
    { name: 'new1', state: 'read' },
  ]);
  expect((await stand.conductor.listFleet({ limit: 10 })).items).toEqual([]);
});

it('gives up on a site without a worker, and on one that is held', async () => {
  await using stand = await createStand();
  const { inventory } = planOf({ hosts: 2 });
  const silent = await stand.conductor.readHosts(OPERATOR, { inventory, targets: 'all' });
  await stand.clock.advance(60_000, stand.settled);
  const first = await stand.conductor.getReading(silent.id, { limit: 10 });
  expect(first).toMatchObject({ state: 'done', counts: { failed: 2 } });
  expect(first.items[0]).toMatchObject({ code: 'site_unavailable' });
  stand.worker.behave = () => ({
    state: 'released',
    switched: false,
    ownFault: 'site_unavailable',
    code: 'secret_missing',
    message: 'there is no key',
  });
  const held = await stand.conductor.readHosts(OPERATOR, { inventory, targets: 'all' });
  expect(await done(stand, held.id)).toMatchObject({ state: 'done', counts: { failed: 2 } });
});

it('refuses what names no host', async () => {
  await using stand = await createStand();
  const nobody = stand.conductor.readHosts(OPERATOR, { hosts: 'x*' });
  await expect(nobody).rejects.toMatchObject({ code: 'no_hosts' });
});

it('hands the trees of all bundles here to a worker that is to hash them, and their archives while it does', async () => {
  await using stand = await createStand();
  await known(stand, 1);
  const archive = () => stand.conductor.readBlob(stand.worker.by, tree?.blob ?? '');
  let tree: { blob: string } | undefined;
  stand.worker.behave = () => undefined;
  const { id } = await stand.conductor.readHosts(OPERATOR, { hosts: 'all', trees: true });
  await stand.run(2);
  const claim = stand.worker.claims.at(-1);
  if (!claim) throw new Error('nothing was claimed');
  [tree] = claim.trees as { blob: string }[];
  expect(claim).toMatchObject({ task: 'read', blobs: [{ sha256: tree?.blob }] });
  expect(tree).toMatchObject({ kind: 'go', version: '1.21.5', os: 'linux' });
  await expect(archive()).resolves.toBeDefined();
  await stand.worker.finish(claim, { switched: false, after: { ...FACTS, trees: [] } });
  expect((await done(stand, id)).items[0]?.facts).toMatchObject({ trees: [] });
  await expect(archive()).rejects.toMatchObject({ code: 'not_found' });
});
