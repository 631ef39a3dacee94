import { expect, it } from 'vitest';
import { ADMIN, createStand, OPERATOR } from './stand.ts';

it('pauses what runs, refuses what is invited already, and lets hosts at work end', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  stand.worker.behave = () => undefined;
  const { id } = await stand.create({
    hosts: 6,
    batches: [{ size: 6 }],
    strategy: { concurrency: 4 },
  });
  await stand.settled();
  await stand.worker.beat();
  await stand.settled();
  const { worker, queue } = stand;
  const invited = [...queue.invited];
  expect(invited).toHaveLength(4);
  await stand.conductor.freeze(ADMIN, { note: 'year end', rollbacks: false });
  expect(await stand.conductor.getFreeze()).toMatchObject({
    frozen: true,
    who: 'ada',
    note: 'year end',
  });
  await worker.work();
  expect(worker.claims).toEqual([]);
  expect(new Set(worker.refused)).toEqual(new Set(['paused']));
  expect(await stand.get(id)).toMatchObject({
    state: 'paused',
    reason: { code: 'freeze', message: 'frozen by ada: year end' },
    counts: { pending: 6 },
  });
});

it('refuses a claim in the very moment in which everything was frozen', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  await stand.worker.beat();
  await stand.create({ hosts: 2, batches: [{ size: 2 }] });
  await stand.settled();
  const frozen = stand.conductor.freeze(ADMIN, { note: 'stop', rollbacks: false });
  await stand.worker.work();
  await frozen;
  expect(stand.worker.claims).toEqual([]);
  expect(stand.worker.refused.length).toBeGreaterThan(0);
});

it('is over when a person says so, and then a person resumes each rollout', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  const { id } = await stand.create({ hosts: 2, batches: [{ size: 1, delay: '1m' }, { size: 1 }] });
  await stand.run(5);
  await stand.conductor.freeze(ADMIN, { note: 'audit week', rollbacks: false });
  await stand.runUntil(id, 'paused');
  await expect(stand.act(id, { kind: 'resume' })).rejects.toMatchObject({ code: 'conflict' });
  await expect(
    stand.conductor.freeze(ADMIN, { note: 'again', rollbacks: false }),
  ).rejects.toMatchObject({ code: 'conflict' });
  const { id: next, state } = await stand.create({ prefix: 'x', hosts: 1, batches: [{ size: 1 }] });
  expect(state).toBe('paused');
  await stand.conductor.unfreeze(ADMIN);
  await stand.run(120);
  expect((await stand.get(id)).state).toBe('paused');
  for (const each of [id, next]) {
    await stand.act(each, { kind: 'resume' });
    await stand.runUntil(each, 'succeeded');
  }
  const { items } = await stand.conductor.listAudit({ limit: 10 });
  expect(items.map(({ verb }) => verb)).toEqual(expect.arrayContaining(['freeze', 'unfreeze']));
  await expect(stand.conductor.unfreeze(ADMIN)).rejects.toMatchObject({ code: 'conflict' });
});

it('lets rollbacks go on, unless it says that they stand still too', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  for (const [prefix, rollbacks] of [
    ['a', false],
    ['b', true],
  ] as const) {
    const { id } = await stand.create({ prefix, hosts: 3, batches: [{ size: 3 }] });
    await stand.runUntil(id, 'succeeded');
    await stand.conductor.freeze(ADMIN, { note: 'n', rollbacks });
    await stand.act(id, { kind: 'rollback', scope: 'all' });
    await stand.run(30);
    expect(await stand.get(id)).toMatchObject(
      rollbacks
        ? { state: 'rolling_back', counts: { rolledBack: 0 } }
        : { state: 'rolled_back', counts: { rolledBack: 3 } },
    );
    await stand.conductor.unfreeze(ADMIN);
    await stand.runUntil(id, 'rolled_back');
  }
});

it('skips a host in quarantine where it waits, and leaves it out of every later plan', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  const { id } = await stand.create({
    hosts: 4,
    batches: [{ size: 1, delay: '1m' }, { size: 3 }],
  });
  await stand.run(5);
  const said = await stand.conductor.quarantine(OPERATOR, 'h2', { note: 'bad disk' });
  expect(said).toMatchObject({ host: 'h2', who: 'olga', note: 'bad disk', skippedIn: [id] });
  const [h2] = await stand.hosts(id, 'skipped');
  expect(h2).toMatchObject({
    name: 'h2',
    reason: { message: expect.stringContaining('bad disk') },
  });
  const ended = await stand.runUntil(id, 'completed_with_errors');
  expect(ended.counts).toMatchObject({ succeeded: 3, skipped: 1 });

  const later = await stand.create({ hosts: 4, batches: [{ size: 4 }] });
  expect(later.counts).toMatchObject({ planned: 3, excluded: 1 });
  await stand.runUntil(later.id, 'succeeded');
  const { items } = await stand.conductor.listFleet({ limit: 10, quarantined: true });
  expect(items).toMatchObject([{ name: 'h2', quarantine: { note: 'bad disk', who: 'olga' } }]);

  await stand.conductor.release(OPERATOR, 'h2');
  await expect(stand.conductor.release(OPERATOR, 'h2')).rejects.toMatchObject({
    code: 'not_found',
  });
  const last = await stand.create({ hosts: 4, batches: [{ size: 4 }] });
  expect(last.counts).toMatchObject({ planned: 4, excluded: 0 });
});

it('tells of each host what it was in, how it is, and what is not as it was wanted', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  const facts = (goVersion: string, ok: boolean) => ({
    goVersion,
    modules: null,
    checks: [{ check: 'go version', ok, output: 'go: not found' }],
  });
  stand.worker.behave = ({ name }) => ({
    after: facts(name === 'h1' ? '1.20.1' : '1.21.5', name !== 'h2'),
  });
  const { id } = await stand.create({ hosts: 3, batches: [{ size: 3 }] });
  await stand.runUntil(id, 'succeeded');
  const { items } = await stand.conductor.listFleet({ limit: 10 });
  expect(items).toMatchObject([
    { name: 'h0', drift: [], health: { state: 'ok' } },
    { name: 'h1', drift: [{ key: 'go', wanted: '1.21.5', found: '1.20.1' }] },
    { name: 'h2', health: { state: 'failing', message: 'go version: go: not found' } },
  ]);
  const [h0] = await stand.conductor.getFleetHost('h0');
  expect(h0?.history).toMatchObject([{ rollout: id, state: 'succeeded', changed: true }]);
});

it('refuses an invitation that is out before anything else has noticed the freeze', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  await stand.worker.beat();
  const { id } = await stand.create({ hosts: 2, batches: [{ size: 2 }] });
  await stand.settled();
  await stand.ledger.write((queries) =>
    queries
      .insertInto('freezes')
      .values({ at: stand.clock.now(), who: 'ada', note: 'n', rollbacks: 0, ended_at: null })
      .execute(),
  );
  await stand.worker.work();
  expect(stand.worker.claims).toEqual([]);
  expect(stand.worker.refused).toEqual(['frozen', 'frozen']);
  await stand.runUntil(id, 'paused', 15);
  expect((await stand.get(id)).reason).toMatchObject({ code: 'freeze' });
});
