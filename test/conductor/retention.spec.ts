import { createReadStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ADMIN, bundleOf, createStand, KEY, OPERATOR, type Stand } from './stand.ts';

const NAME = 'go-1.21.5';
const WEEK = 7 * 24 * 3_600_000;

/** Imports versions of one name, one after the other, each with a blob of its own. */
async function bring(stand: Stand, ...contents: string[]): Promise<string[]> {
  const digests: string[] = [];
  for (const content of contents) {
    await stand.later(3000);
    digests.push((await stand.importBundle(NAME, content)).digest);
  }
  return digests;
}

async function kept(stand: Stand): Promise<string[]> {
  const { items } = await stand.conductor.listBundles({ limit: 100 });
  return items.map(({ digest }) => digest);
}

async function* beginning(bytes: Buffer) {
  yield bytes.subarray(0, 5);
}

async function blobs(stand: Stand): Promise<string[]> {
  return (await stand.store.list()).map(({ sha256 }) => sha256);
}

const one = { hosts: 3, batches: [{ size: 3 }] };

describe('older bundles of a name', () => {
  it('go with their blobs, the newest stay, and other names are no concern of theirs', async () => {
    await using stand = await createStand({ keepBundles: 2 });
    const { digest: other } = await stand.importBundle('other', 'a');
    const [, , third, fourth] = await bring(stand, 'a', 'b', 'c', 'd');
    expect(await kept(stand)).toEqual([fourth, third, other]);
    const left = ['a', 'c', 'd'].map((content) => bundleOf(NAME, content).sha256);
    expect(await blobs(stand)).toEqual(left.toSorted());
    const { items } = await stand.conductor.listAudit({ limit: 100 });
    expect(items.filter(({ verb }) => verb === 'bundle.remove')).toMatchObject([
      { who: 'gofleet', before: { name: NAME } },
      { who: 'gofleet', before: { name: NAME } },
    ]);
  });

  it('stay while a rollout needs them', async () => {
    await using stand = await createStand({ keepBundles: 1 });
    const [first] = await bring(stand, 'a');
    const { id } = await stand.create(one);
    await stand.act(id, { kind: 'pause' });
    const [, third] = await bring(stand, 'b', 'c');
    expect(await kept(stand)).toEqual([third, first]);
    await stand.act(id, {
      kind: 'abort',
      inflight: 'drain',
      rollback: 'none',
      stopRollback: false,
    });
    await stand.runUntil(id, 'aborted');
    const [fourth] = await bring(stand, 'd');
    expect(await kept(stand)).toEqual([fourth]);
  });

  it('stay while hosts have them, or would have them again after a rollback', async () => {
    await using stand = await createStand({ keepBundles: 1 });
    const digests: string[] = [];
    for (const content of ['a', 'b', 'c']) {
      digests.push(...(await bring(stand, content)));
      const { id } = await stand.create(one);
      await stand.runUntil(id, 'succeeded');
    }
    const [, second, third] = digests;
    const [fourth] = await bring(stand, 'd');
    expect(await kept(stand)).toEqual([fourth, third, second]);
  });

  it('stay for the previews that a rollout may be made of, for as long as these are kept', async () => {
    await using stand = await createStand({ keepBundles: 1 });
    const [first] = await bring(stand, 'a');
    const plan = {
      kind: 'RolloutPlan',
      name: 'p',
      targets: 'all',
      bundle: NAME,
      playbook: 'install-go',
    };
    const inventory = {
      all: { hosts: { h0: { gofleet_host_key: KEY, ansible_host: '10.0.0.1' } } },
    };
    const strategy = { batches: [{ size: 1 }] };
    const text = JSON.stringify({ ...plan, inventory, strategy });
    await stand.conductor.previewLive(OPERATOR, { text, format: 'json' });
    const [second] = await bring(stand, 'b');
    expect(await kept(stand)).toEqual([second, first]);
    await stand.later(WEEK + 1000);
    await stand.run(601);
    expect(await kept(stand)).toEqual([second]);
  });
});

describe('a bundle whose blobs were never all sent', () => {
  it('is waited for for a week, then forgotten with what came of it', async () => {
    await using stand = await createStand({ keepBundles: 5 });
    const { manifest, sha256, bytes } = bundleOf(NAME);
    const announce = stand.conductor.importBundle(ADMIN, { manifest, signature: null });
    await expect(announce).rejects.toMatchObject({ code: 'blobs_missing' });
    await stand.conductor.appendBlob(ADMIN, sha256, 0, beginning(bytes));
    await stand.later(WEEK - 10_000);
    await bring(stand, 'a');
    expect(await stand.store.offset(sha256)).toBe(5);
    await stand.later(10_000);
    await bring(stand, 'b');
    expect(await stand.store.offset(sha256)).toBeUndefined();
    const status = stand.conductor.blobStatus(ADMIN, sha256);
    await expect(status).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('a bundle that a person removes', () => {
  it('is gone with the blobs that no other has, and its name means the one before', async () => {
    await using stand = await createStand();
    const [first, second] = await bring(stand, 'a', 'b');
    const removed = await stand.conductor.removeBundle(OPERATOR, NAME);
    expect(removed).toEqual({ name: NAME, digest: second, blobs: 1, size: 1 });
    expect(await stand.conductor.getBundle(NAME)).toMatchObject({ digest: first });
    expect(await blobs(stand)).toEqual([bundleOf(NAME, 'a').sha256]);
    const { items } = await stand.conductor.listAudit({ limit: 1 });
    expect(items).toMatchObject([{ who: OPERATOR.name, verb: 'bundle.remove' }]);
    const again = stand.conductor.removeBundle(OPERATOR, `${second}`);
    await expect(again).rejects.toMatchObject({ code: 'not_found' });
  });

  it('is refused while it is needed, and says by what', async () => {
    await using stand = await createStand();
    await stand.importBundle();
    const { id } = await stand.create(one);
    const remove = () => stand.conductor.removeBundle(OPERATOR, NAME);
    await expect(remove()).rejects.toMatchObject({
      code: 'in_use',
      message: expect.stringContaining(`rollout ${id} (running)`),
      details: { rollouts: [{ id, state: 'running' }], hosts: 0 },
    });
    await stand.runUntil(id, 'succeeded');
    await expect(remove()).rejects.toMatchObject({
      code: 'in_use',
      message: 'bundle go-1.21.5 is needed by 3 hosts of the fleet',
      details: { rollouts: [], hosts: 3 },
    });
    await stand.act(id, { kind: 'rollback', scope: 'all' });
    await stand.runUntil(id, 'rolled_back');
    await remove();
    expect(await blobs(stand)).toEqual([]);
  });
});

it('what a restored ledger names and the store has not is told, and said to whoever goes on with it', async () => {
  await using stand = await createStand();
  const { digest } = await stand.importBundle();
  const { id } = await stand.create(one);
  const backup = await stand.conductor.backUp(ADMIN);
  const path = join(stand.folder, 'backup.sqlite');
  await writeFile(path, backup.bytes);
  await stand.conductor.restore(ADMIN, createReadStream(path), { otherFleet: false });
  await stand.store.collect(new Set());
  await stand.restart();
  const [alert] = await stand.ledger.read((queries) =>
    queries.selectFrom('events').select('details').where('type', '=', 'alert').execute(),
  );
  expect(JSON.parse(alert?.details ?? '')).toMatchObject({
    lostBundles: [NAME],
    message: expect.stringContaining('blobs of go-1.21.5 are not in the store: import them again'),
  });
  const { sha256, bytes } = bundleOf(NAME);
  expect(await stand.conductor.getBundle(digest)).toMatchObject({
    missing: [{ sha256, size: bytes.length }],
  });
  await expect(stand.act(id, { kind: 'resume' })).rejects.toMatchObject({
    code: 'blobs_missing',
    message: 'bundle go-1.21.5: 1 of its blobs are not in the store',
    remedy: expect.stringContaining('gofleet bundle import'),
  });
  await stand.importBundle();
  await stand.act(id, { kind: 'resume' });
  await stand.runUntil(id, 'succeeded');
});
