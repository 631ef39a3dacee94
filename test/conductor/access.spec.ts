import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { failed } from './fake-worker.ts';
import { ADMIN, createStand, OPERATOR } from './stand.ts';

it('knows a token by its secret, stores only the hash, and forgets it when it is revoked', async () => {
  await using stand = await createStand();
  const token = await stand.conductor.createToken(ADMIN, { role: 'worker', site: 'dc1' });
  expect(token).toMatchObject({
    name: 'worker dc1',
    role: 'worker',
    site: 'dc1',
    createdBy: 'ada',
  });
  const actor = await stand.conductor.authenticate(token.secret);
  expect(actor).toEqual({
    token: token.id,
    name: 'worker dc1',
    role: 'worker',
    site: 'dc1',
    permissions: [],
  });
  expect(await stand.conductor.authenticate('gf_wrong')).toBeUndefined();
  const stored = await stand.ledger.read((queries) =>
    queries.selectFrom('tokens').selectAll().execute(),
  );
  expect(JSON.stringify(stored)).not.toContain(token.secret);
  expect(stored[0]?.hash).toBe(createHash('sha256').update(token.secret).digest('hex'));
  await stand.conductor.revokeToken(ADMIN, token.id);
  expect(await stand.conductor.authenticate(token.secret)).toBeUndefined();
  const { items } = await stand.conductor.listAudit({ limit: 10 });
  expect(items.map(({ verb }) => verb)).toEqual(['token.revoke', 'token.create']);
  expect(JSON.stringify(items)).not.toContain(token.secret);
});

it('makes sure of a token once, however often it starts', async () => {
  await using stand = await createStand();
  const token = { name: 'admin', role: 'admin', secret: 'gf_made-by-up' } as const;
  await stand.conductor.ensureToken(token);
  await stand.conductor.ensureToken(token);
  const { items } = await stand.conductor.listTokens({ limit: 10 });
  expect(items).toMatchObject([{ name: 'admin', role: 'admin' }]);
});

it('gives the first 2xx answer of a key again for a day, and tries anything else anew', async () => {
  await using stand = await createStand();
  let runs = 0;
  const answer = (status: number) => async () => {
    runs++;
    return { status, headers: {}, body: String(runs) };
  };
  const request = { by: OPERATOR, key: 'k', request: 'POST /v1/rollouts a' };
  expect((await stand.conductor.once(request, answer(500))).body).toBe('1');
  const both = await Promise.all([
    stand.conductor.once(request, answer(201)),
    stand.conductor.once(request, answer(201)),
  ]);
  expect(both.map(({ body }) => body)).toEqual(['2', '2']);
  await stand.restart();
  expect((await stand.conductor.once(request, answer(201))).body).toBe('2');
  const other = stand.conductor.once({ ...request, request: 'POST /v1/rollouts b' }, answer(201));
  await expect(other).rejects.toMatchObject({ code: 'idempotency_mismatch' });
  expect((await stand.conductor.once({ ...request, by: ADMIN }, answer(201))).body).toBe('3');
  stand.clock.stall(24 * 3_600_000 + 1);
  expect((await stand.conductor.once(request, answer(201))).body).toBe('4');
  expect((await stand.conductor.once(request, answer(201))).body).toBe('4');
});

it('takes a bundle whose blobs were uploaded piece by piece, and only blobs that a manifest names', async () => {
  await using stand = await createStand();
  const unknown = stand.conductor.blobStatus(ADMIN, 'a'.repeat(64));
  await expect(unknown).rejects.toMatchObject({ code: 'not_found' });
  const bundle = await stand.importBundle();
  expect(await stand.conductor.getBundle('go-1.21.5')).toMatchObject({ digest: bundle.digest });
  expect(await stand.conductor.getBundle(`sha256:${bundle.digest}`)).toMatchObject({ blobs: 1 });
  const { items } = await stand.conductor.listBundles({ limit: 10 });
  expect(items).toEqual([bundle]);
});

it('takes a blob that went bad in the store anew', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  const [blob] = await stand.store.list();
  const { path } = await stand.store.get(blob?.sha256 ?? '');
  await writeFile(path, 'something else');
  await stand.importBundle();
  expect(await stand.store.verify(blob?.sha256 ?? '')).toBe('good');
});

it('lets a worker read the blobs of rollouts that are under way, and no others', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  const [blob] = await stand.store.list();
  const sha256 = blob?.sha256 ?? '';
  const reading = () => stand.conductor.readBlob(stand.worker.by, sha256);
  await expect(reading()).rejects.toMatchObject({ code: 'not_found' });
  await stand.create();
  const bytes = await Array.fromAsync(await reading());
  expect(createHash('sha256').update(Buffer.concat(bytes)).digest('hex')).toBe(sha256);
});

it('lets an admin adopt hosts of another fleet: the next claim may take them over, once', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  stand.worker.behave = ({ adopt }) =>
    adopt ? { unchanged: true, switched: false } : failed('foreign_fleet');
  const { id } = await stand.create({ hosts: 3, batches: [{ size: 3 }] });
  await stand.runUntil(id, 'paused');
  const nobody = stand.conductor.adopt(ADMIN, { hosts: 'x*', note: 'mine' });
  await expect(nobody).rejects.toMatchObject({ code: 'no_hosts' });
  const { hosts } = await stand.conductor.adopt(ADMIN, { hosts: 'h*', note: 'took the farm over' });
  expect(hosts).toEqual(['h0', 'h1', 'h2']);
  await stand.act(id, { kind: 'resume', mode: 'retry' });
  await stand.runUntil(id, 'succeeded');
  const [h0] = await stand.conductor.getFleetHost('h0');
  expect(h0?.adopt).toBe(false);
  const { items } = await stand.conductor.listAudit({ limit: 100 });
  expect(items.find(({ verb }) => verb === 'adopt')).toMatchObject({ note: 'took the farm over' });
});
