import { createReadStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GofleetError } from '#errors';
import { expect, it } from 'vitest';
import { failed } from './fake-worker.ts';
import { ADMIN, createStand, type Stand } from './stand.ts';

/** What each host of the stand keeps for itself, as scripts on real hosts do. */
interface Kept {
  epoch: number;
  rollout: string | null;
}

/** Hosts that refuse claims older than what they have seen, and tell what they have when they are read. */
function keepHosts(stand: Stand) {
  const hosts = new Map<string, Kept>();
  const switches: string[] = [];
  const of = (name: string) => hosts.get(name) ?? { epoch: 0, rollout: null };
  stand.worker.behave = ({ name, task, rollout, epoch, fleet }) => {
    const kept = of(name);
    if (task === 'read') return { switched: false, after: { fleet, ...kept } };
    if (kept.epoch >= epoch) return failed('host_ahead');
    if (task === 'rollback') hosts.set(name, { epoch, rollout: null });
    else if (kept.rollout === rollout) hosts.set(name, { epoch, rollout });
    else {
      switches.push(name);
      hosts.set(name, { epoch, rollout });
      return {};
    }
    return { switched: false };
  };
  return { hosts, switches, of };
}

async function backUp(stand: Stand): Promise<string> {
  const { bytes } = await stand.conductor.backUp(ADMIN);
  const path = join(stand.folder, 'backup.sqlite');
  await writeFile(path, bytes);
  return path;
}

/** Takes the file in, and starts again as the controller does. */
async function restore(stand: Stand, path: string, otherFleet = false) {
  const staged = await stand.conductor.restore(ADMIN, createReadStream(path), { otherFleet });
  await stand.restart();
  return staged;
}

async function recover(stand: Stand, hosts = 'all') {
  const { id } = await stand.conductor.recover(ADMIN, { hosts });
  const isDone = async () => (await stand.conductor.getRecovery(id)).state === 'done';
  await stand.run(60, isDone);
  return stand.conductor.getRecovery(id);
}

it('goes on from last night: paused, read back, and no host is switched twice', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  const { switches } = keepHosts(stand);
  const { id } = await stand.create({ hosts: 12, batches: [{ size: 3, delay: '60s' }] });
  await stand.run(10);
  const night = await backUp(stand);
  await stand.run(150);
  expect(switches.length).toBeGreaterThanOrEqual(9);
  const claims = stand.worker.claims.length;

  await restore(stand, night);
  const rollout = await stand.get(id);
  expect(rollout).toMatchObject({ state: 'paused', reason: { code: 'recovered' } });
  expect(rollout.counts).toMatchObject({ succeeded: 3, pending: 9 });
  await stand.run(120);
  expect(stand.worker.claims).toHaveLength(claims);

  const { result, paused } = await recover(stand);
  expect(paused).toEqual([{ id, name: 'a rollout' }]);
  expect(result?.epochs).toHaveLength(switches.length - 3);
  expect(result?.changed.map(({ host }) => host)).toEqual(switches.slice(3).toSorted());
  expect((await stand.get(id)).state).toBe('paused');

  await stand.act(id, { kind: 'resume', mode: 'continue' }, ADMIN);
  await stand.runUntil(id, 'succeeded', 600);
  expect(switches).toHaveLength(12);
  expect(new Set(switches).size).toBe(12);
});

it('reaches with a rollback what only the hosts knew of', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  const { of } = keepHosts(stand);
  const { id } = await stand.create({ hosts: 4, batches: [{ size: 2, delay: '60s' }] });
  await stand.run(10);
  const night = await backUp(stand);
  await stand.run(80);
  expect(of('h3').rollout).toBe(id);
  await restore(stand, night);
  await recover(stand);
  await stand.act(id, { kind: 'rollback', scope: 'all' }, ADMIN);
  await stand.runUntil(id, 'rolled_back', 60);
  for (const name of ['h0', 'h1', 'h2', 'h3']) expect(of(name).rollout).toBeNull();
});

it('resumed without reading back, it touches no host that has moved on, and says what to do', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  const { switches } = keepHosts(stand);
  const { id } = await stand.create({ hosts: 4, batches: [{ size: 2, delay: '60s' }] });
  await stand.run(10);
  const night = await backUp(stand);
  await stand.run(80);
  await restore(stand, night);
  await stand.act(id, { kind: 'resume', mode: 'continue' }, ADMIN);
  await stand.runUntil(id, 'paused', 120);
  expect(switches).toHaveLength(4);
  const hosts = await stand.hosts(id, 'failed');
  expect(new Set(hosts.map(({ code }) => code))).toEqual(new Set(['host_ahead']));
  const alerts = await alertsOf(stand);
  expect(alerts).toContainEqual(expect.objectContaining({ code: 'host_ahead' }));
});

it('tells of hosts that a rollout switched which it does not know, and of those it could not read', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  keepHosts(stand);
  const { id } = await stand.create({ hosts: 3, batches: [{ size: 3 }] });
  await stand.runUntil(id, 'succeeded');
  const night = await backUp(stand);
  const later = await stand.create({ hosts: 2, batches: [{ size: 2 }], name: 'later' });
  await stand.runUntil(later.id, 'succeeded');
  await restore(stand, night);
  await expect(stand.conductor.getRollout(later.id)).rejects.toMatchObject({ code: 'not_found' });
  const { behave } = stand.worker;
  stand.worker.behave = (claim) =>
    claim.name === 'h2'
      ? { state: 'unreachable', switched: false, code: 'refused' }
      : behave(claim);
  const { result } = await recover(stand);
  expect(result?.unknown).toEqual([
    { host: 'h0', rollout: later.id },
    { host: 'h1', rollout: later.id },
  ]);
  expect(result?.unread).toMatchObject([{ host: 'h2', code: 'refused' }]);
});

it('knows a host that was rolled back since', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  const { of } = keepHosts(stand);
  const { id } = await stand.create({ hosts: 2, batches: [{ size: 2 }] });
  await stand.runUntil(id, 'succeeded');
  const night = await backUp(stand);
  await stand.act(id, { kind: 'rollback', scope: 'all' }, ADMIN);
  await stand.runUntil(id, 'rolled_back');
  expect(of('h0').rollout).toBeNull();
  await restore(stand, night);
  expect((await stand.get(id)).state).toBe('succeeded');
  const { result } = await recover(stand);
  expect(result?.rolledBack).toHaveLength(2);
  expect((await stand.get(id)).counts).toMatchObject({ succeeded: 0, rolledBack: 2 });
});

it('says that it was restored: in the audit, by an alert, to whoever asks', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  keepHosts(stand);
  const { id } = await stand.create({ hosts: 3, batches: [{ size: 3 }] });
  await stand.runUntil(id, 'succeeded');
  const night = await backUp(stand);
  const staged = await restore(stand, night);
  expect(await stand.conductor.latestRestore()).toEqual({ ...staged, state: 'done' });
  const { items } = await stand.conductor.listAudit({ limit: 10 });
  expect(items).toContainEqual(expect.objectContaining({ who: 'ada', verb: 'restore' }));
  expect(await alertsOf(stand)).toContainEqual(expect.objectContaining({ code: 'recovered' }));
});

it('goes on with the present ledger where the file is none', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  const path = join(stand.folder, 'nothing.sqlite');
  await writeFile(path, 'nothing');
  const refused = stand.conductor.restore(ADMIN, createReadStream(path), { otherFleet: false });
  await expect(refused).rejects.toBeInstanceOf(GofleetError);
  await stand.restart();
  expect(await stand.conductor.latestRestore()).toBeUndefined();
  expect((await stand.conductor.listBundles({ limit: 10 })).items).toHaveLength(1);
});

async function alertsOf(stand: Stand): Promise<unknown[]> {
  const rows = await stand.ledger.read((queries) =>
    queries.selectFrom('events').select('details').where('type', '=', 'alert').execute(),
  );
  return rows.map(({ details }): unknown => JSON.parse(details));
}
