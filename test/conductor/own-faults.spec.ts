import type { Outcome } from '#api';
import { expect, it } from 'vitest';
import { failed } from './fake-worker.ts';
import { createStand, type Stand } from './stand.ts';

const PLAN = { hosts: 12, batches: [{ size: 12 }], budgets: { maxFailures: 11 } };

const JUMP_AWAY: Partial<Outcome> = {
  state: 'released',
  switched: false,
  ownFault: 'site_unavailable',
  code: 'refused',
  message: 'jump host gate: 10.0.0.1:22: the connection was refused',
  remedy: 'mend it',
};

async function alerts(stand: Stand, id: string) {
  const events = await stand.ledger.read((queries) =>
    queries
      .selectFrom('events')
      .select(['details', 'at'])
      .where('type', '=', 'alert')
      .where('rollout', '=', id)
      .orderBy('id')
      .execute(),
  );
  return events.map(({ details }) => JSON.parse(details) as Record<string, unknown>);
}

it('a fault of our own is no outcome: all hosts wait, and nobody counts as failed', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  stand.worker.behave = () => JUMP_AWAY;
  const { id } = await stand.create(PLAN);
  await stand.run(5);
  const { counts, state, reason } = await stand.get(id);
  expect(counts).toMatchObject({ pending: 12, failed: 0, unreachable: 0 });
  expect(state).toBe('running');
  expect(reason).toMatchObject({ code: 'site_unavailable' });
  expect(reason?.message).toContain('jump host gate');
});

it('a site that is held is tried every 30 s, with one host and not with all', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  stand.worker.behave = () => JUMP_AWAY;
  const { id } = await stand.create(PLAN);
  await stand.run(5);
  const first = stand.worker.claims.length;
  await stand.run(29 * 5 + 10);
  expect(stand.worker.claims.length - first).toBe(5);
  expect((await stand.get(id)).counts.pending).toBe(12);
});

it('it is alerted once, and told again when it is over', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  stand.worker.behave = () => JUMP_AWAY;
  const { id } = await stand.create(PLAN);
  await stand.run(100);
  expect(await alerts(stand, id)).toMatchObject([
    { code: 'site_unavailable', cause: 'refused', site: 'default', over: false },
  ]);
  stand.worker.behave = () => ({});
  await stand.runUntil(id, 'succeeded', 60);
  const [, over, ...more] = await alerts(stand, id);
  expect(over).toMatchObject({ code: 'site_unavailable', site: 'default', over: true });
  expect(more).toEqual([]);
});

it('while one host is tried no other is, and its success opens the site for all', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  stand.worker.behave = () => JUMP_AWAY;
  const { id } = await stand.create(PLAN);
  await stand.run(5);
  stand.worker.behave = () => undefined;
  await stand.run(60);
  expect((await stand.get(id)).counts).toMatchObject({ running: 1, pending: 11 });
  const [tried] = stand.worker.atWork();
  stand.worker.behave = () => ({});
  await stand.worker.finish(tried!.claim, {});
  await stand.runUntil(id, 'succeeded', 5);
});

it('a host that gives no answer does not open the site: the next one is tried at once', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  stand.worker.behave = () => JUMP_AWAY;
  const { id } = await stand.create(PLAN);
  await stand.run(5);
  const first = stand.worker.claims.length;
  const away = failed('timeout');
  stand.worker.behave = ({ host }) => (host < 2 ? { ...away, state: 'unreachable' } : undefined);
  await stand.run(40);
  expect(stand.worker.claims.slice(first).map(({ host }) => host)).toEqual([0, 1, 2]);
  expect((await stand.get(id)).counts).toMatchObject({ unreachable: 2, running: 1, pending: 9 });
});

it('what succeeds that began before the fault does not open the site', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  stand.worker.behave = ({ host }) => (host === 0 ? undefined : JUMP_AWAY);
  const { id } = await stand.create(PLAN);
  await stand.run(5);
  const [early] = stand.worker.atWork();
  await stand.worker.finish(early!.claim, {});
  const claims = stand.worker.claims.length;
  await stand.run(20);
  expect(stand.worker.claims.length).toBe(claims);
  expect((await stand.get(id)).counts).toMatchObject({ succeeded: 1, pending: 11 });
});

const WRONG = failed('auth', 'the host accepts neither key nor password');

it('the second refused login in a row holds the credential: the first two are failed, the rest waits', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  stand.worker.behave = () => WRONG;
  const { id } = await stand.create({ ...PLAN, strategy: { concurrency: 1 } });
  await stand.run(300);
  const { counts, reason, state } = await stand.get(id);
  expect(counts).toMatchObject({ failed: 2, pending: 10 });
  expect(state).toBe('running');
  expect(reason).toMatchObject({ code: 'auth_held' });
  expect(await alerts(stand, id)).toMatchObject([{ code: 'auth_held', cause: 'auth' }]);
});

it('a login that works in between begins the count anew', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  stand.worker.behave = ({ host }) => (host % 2 === 0 ? WRONG : {});
  const { id } = await stand.create({ ...PLAN, strategy: { concurrency: 1 } });
  await stand.runUntil(id, 'completed_with_errors', 60);
  expect((await stand.get(id)).counts).toMatchObject({ failed: 6, succeeded: 6 });
});

it('so does a host on which something else went wrong after the login', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  const full = { ...failed('disk'), before: { go: null } };
  stand.worker.behave = ({ host }) => (host % 2 === 0 ? WRONG : full);
  const { id } = await stand.create({
    ...PLAN,
    budgets: { maxFailures: 20 },
    strategy: { concurrency: 1 },
  });
  await stand.run(60);
  expect((await stand.get(id)).counts).toMatchObject({ failed: 12 });
});

it('those who are invited by then are taken back, those at work given back, and a retry by a person goes on', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  stand.worker.behave = () => undefined;
  const { id } = await stand.create({ ...PLAN, strategy: { concurrency: 6 } });
  await stand.run(1);
  const held = { ...failed('auth_held'), state: 'released', ownFault: 'auth_held' } as const;
  for (const { claim } of stand.worker.atWork())
    await stand.worker.finish(claim, claim.host < 2 ? WRONG : held);
  const claims = stand.worker.claims.length;
  await stand.run(60);
  expect((await stand.get(id)).counts).toMatchObject({ failed: 2, pending: 10 });
  expect(stand.worker.claims.length).toBe(claims);
  stand.worker.behave = () => ({});
  await stand.act(id, { kind: 'retry', states: ['failed'], note: 'the password was wrong' });
  await stand.runUntil(id, 'succeeded', 60);
});

it('hosts with another credential go on', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  const hosts = Object.fromEntries(
    Array.from({ length: 12 }, (_, at) => [
      `h${at}`,
      { ansible_host: `10.0.0.${at}`, ansible_user: at < 6 ? 'wrong' : 'right' },
    ]),
  );
  stand.worker.behave = ({ connection }) => (connection.user === 'wrong' ? WRONG : {});
  const { id } = await stand.create({
    ...PLAN,
    inventory: { all: { hosts } },
    strategy: { concurrency: 1 },
  });
  await stand.run(60);
  expect((await stand.get(id)).counts).toMatchObject({ failed: 2, succeeded: 6, pending: 4 });
});

it('a wrong password for sudo counts, a host that knows no sudo does not', async () => {
  const become = { ansible_become: true, ansible_become_password: 'secret:file:sudo' };
  for (const [vars, pending] of [
    [become, 10],
    [{ ansible_become: true }, 0],
  ] as const) {
    await using stand = await createStand();
    await stand.importBundle();
    const hosts = Object.fromEntries(
      Array.from({ length: 12 }, (_, at) => [`h${at}`, { ansible_host: `10.0.0.${at}`, ...vars }]),
    );
    stand.worker.behave = () => failed('sudo');
    const plan = { ...PLAN, budgets: { maxFailures: 20 }, strategy: { concurrency: 1 } };
    const { id } = await stand.create({ ...plan, inventory: { all: { hosts } } });
    await stand.run(60);
    expect((await stand.get(id)).counts).toMatchObject({ pending, failed: 12 - pending });
  }
});
