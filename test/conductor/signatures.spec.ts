import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { PolicyMode } from '../../apps/process/signing-policy.ts';
import { createSigners, type Signers } from './signers.ts';
import { ADMIN, bundleOf, createStand, type Stand } from './stand.ts';

const NAME = 'go-1.21.5';
const { manifest } = bundleOf(NAME);

let signers: Signers;
beforeAll(() => {
  signers = createSigners();
});
afterEach(() => signers.revokeNobody());
afterAll(() => signers[Symbol.dispose]());

async function standWith(mode?: PolicyMode): Promise<Stand> {
  return createStand({ signing: signers.policy(mode) });
}

async function auditOf(stand: Stand, verb: string) {
  const { items } = await stand.conductor.listAudit({ limit: 100 });
  return items.filter((entry) => entry.verb === verb);
}

describe('where only signed bundles are taken', () => {
  it.each<[string, () => string | null, string, string]>([
    ['without a signature', () => null, 'signature_missing', 'the bundle is not signed'],
    [
      'signed by a stranger',
      () => signers.sign(manifest, 'stranger'),
      'signature_untrusted',
      'none of the allowed',
    ],
    [
      'with the signature of another',
      () => signers.sign(`${manifest} `),
      'signature_invalid',
      'not the one that was signed',
    ],
  ])(
    'one %s is refused before anything is stored, and that is audited',
    async (_, signature, code, why) => {
      await using stand = await standWith('require');
      const offer = { manifest, signature: signature() };
      const refused = expect.objectContaining({ code, message: expect.stringContaining(why) });
      await expect(stand.conductor.importBundle(ADMIN, offer)).rejects.toEqual(refused);
      const rows = await stand.ledger.read((queries) =>
        queries.selectFrom('bundles').selectAll().execute(),
      );
      expect(rows).toEqual([]);
      expect(await auditOf(stand, 'bundle.refuse')).toMatchObject([
        { who: ADMIN.name, after: { name: NAME, code } },
      ]);
    },
  );

  it('one that may be trusted is taken, and everybody is told who signed it', async () => {
    await using stand = await standWith();
    const trust = { state: 'trusted', signer: 'ops@example.com' };
    const imported = await stand.importBundle(NAME, undefined, signers.sign(manifest));
    expect(imported).toMatchObject({ trust });
    expect(await stand.conductor.listBundles({ limit: 10 })).toMatchObject({ items: [{ trust }] });
    expect(await stand.conductor.getBundle(NAME)).toMatchObject({ trust, missing: [] });
    const { id } = await stand.create({ hosts: 3, batches: [{ size: 3 }] });
    expect(await auditOf(stand, 'create')).toMatchObject([{ after: { bundle: { trust } } }]);
    expect(await auditOf(stand, 'bundle.import')).toMatchObject([{ after: { trust } }]);
    let report = '';
    for await (const piece of await stand.conductor.evidence(id, 'json')) report += piece;
    expect(JSON.parse(report)).toMatchObject({ report: { about: { trust } } });
  });

  it('the one that is here counts where it comes again without its signature', async () => {
    await using stand = await standWith('require');
    await stand.importBundle(NAME, undefined, signers.sign(manifest));
    expect(await stand.importBundle(NAME)).toMatchObject({ trust: { state: 'trusted' } });
  });
});

describe('a key that is revoked after the import', () => {
  it('starts no rollout, and previews say so with the line of the plan', async () => {
    await using stand = await standWith();
    await stand.importBundle(NAME, undefined, signers.sign(manifest));
    signers.revoke('release');
    const refused = expect.objectContaining({
      code: 'signature_untrusted',
      message: expect.stringMatching(/^plan line \d+: bundle go-1\.21\.5 is refused: .*is revoked/),
    });
    await expect(stand.create()).rejects.toEqual(refused);
    expect(await stand.conductor.listBundles({ limit: 10 })).toMatchObject({
      items: [{ trust: { state: 'untrusted', code: 'signature_untrusted' } }],
    });
  });

  it('lets a rollout that was to start later wait for a person, who cannot resume it either', async () => {
    await using stand = await standWith();
    await stand.importBundle(NAME, undefined, signers.sign(manifest));
    const startAt = new Date(stand.clock.now() + 60_000).toISOString();
    const { id } = await stand.create({ hosts: 3, batches: [{ size: 3 }], startAt });
    signers.revoke('release');
    const { reason } = await stand.runUntil(id, 'paused', 90);
    expect(reason).toMatchObject({
      code: 'bundle_refused',
      message: expect.stringContaining('is revoked'),
    });
    await expect(stand.act(id, { kind: 'resume' })).rejects.toMatchObject({
      code: 'signature_untrusted',
    });
    signers.revokeNobody();
    await stand.act(id, { kind: 'resume' });
    await stand.runUntil(id, 'succeeded');
  });

  it('keeps no host from going back', async () => {
    await using stand = await standWith();
    await stand.importBundle(NAME, undefined, signers.sign(manifest));
    const { id } = await stand.create({ hosts: 3, batches: [{ size: 3 }] });
    await stand.runUntil(id, 'succeeded');
    signers.revoke('release');
    await stand.act(id, { kind: 'rollback', scope: 'all' });
    await stand.runUntil(id, 'rolled_back');
  });
});

describe('where unsigned bundles are taken', () => {
  it('they are told of: when they come, and to whoever plans with them', async () => {
    await using stand = await standWith('warn');
    const untrusted = { state: 'untrusted', code: 'signature_missing' };
    expect(await stand.importBundle()).toMatchObject({ trust: untrusted });
    const alerts = await stand.ledger.read((queries) =>
      queries.selectFrom('events').select('details').where('type', '=', 'alert').execute(),
    );
    expect(alerts.map(({ details }) => JSON.parse(details))).toMatchObject([
      { code: 'signature_missing', bundle: NAME },
    ]);
    const { warnings } = await stand.create();
    expect(warnings).toContain('bundle go-1.21.5: the bundle is not signed');
  });

  it('a signature that comes later is added, and a worse one does not take its place', async () => {
    await using stand = await standWith('warn');
    await stand.importBundle();
    const trusted = { trust: { state: 'trusted', signer: 'ops@example.com' } };
    expect(await stand.importBundle(NAME, undefined, signers.sign(manifest))).toMatchObject(
      trusted,
    );
    expect(await auditOf(stand, 'bundle.import')).toMatchObject([
      { before: { signed: false }, after: { signed: true } },
      { before: { imported: false }, after: { imported: true } },
    ]);
    const other = signers.sign(manifest, 'stranger');
    expect(await stand.importBundle(NAME, undefined, other)).toMatchObject(trusted);
  });

  it('they are not looked at with `off`', async () => {
    await using stand = await standWith('off');
    expect(await stand.importBundle()).toMatchObject({ trust: { state: 'unchecked' } });
    expect((await stand.create()).warnings).toEqual([]);
  });
});

it('a worker reads the bundle of a claim of its site, while there is one', async () => {
  await using stand = await standWith();
  const signature = signers.sign(manifest);
  const { digest } = await stand.importBundle(NAME, undefined, signature);
  const read = () => stand.conductor.bundleForWorker(stand.worker.by, digest);
  await expect(read()).rejects.toMatchObject({ code: 'not_found' });
  stand.worker.behave = () => undefined;
  await stand.create({ hosts: 3, batches: [{ size: 3 }] });
  await stand.run(2);
  expect(stand.worker.claims.map(({ bundle }) => bundle)).toContainEqual({ name: NAME, digest });
  expect(await read()).toEqual({ manifest, signature });
  const elsewhere = { ...stand.worker.by, site: 'elsewhere' };
  await expect(stand.conductor.bundleForWorker(elsewhere, digest)).rejects.toMatchObject({
    code: 'not_found',
  });
  for (const { claim } of stand.worker.atWork()) await stand.worker.finish(claim, {});
  await expect(read()).rejects.toMatchObject({ code: 'not_found' });
});
