import type { Claim } from '#api';
import { digestOf, readManifest } from '#bundle';
import { GofleetError } from '#errors';
import { blobsOf, Playbook, resolvePlaybook, type ResolvedOperation } from '#operations';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { createSigners, type Signers } from '../../test/conductor/signers.ts';
import { bundleOf } from '../../test/conductor/stand.ts';
import type { PolicyMode } from '../process/signing-policy.ts';
import { openBundles } from './bundles.ts';

const { manifest } = bundleOf('go');
const digest = digestOf(manifest);
const playbook = Playbook.parse({
  kind: 'Playbook',
  name: 'install-go',
  operations: [{ 'go-toolchain': { version: '1.21.5' } }],
});
const operations = resolvePlaybook(playbook, readManifest(manifest));
const blobs = blobsOf(operations);

let signers: Signers;
beforeAll(() => {
  signers = createSigners();
});
afterEach(() => signers.revokeNobody());
afterAll(() => signers[Symbol.dispose]());

type Asked = Pick<Claim, 'task' | 'operations' | 'blobs' | 'bundle'>;
const CLAIM: Asked = { task: 'forward', operations, blobs, bundle: { name: 'go', digest } };
const going = new AbortController().signal;

/** A worker whose controller gives that signature, and another manifest where one is named. */
function worker(signature: string | null, mode?: PolicyMode, text = manifest) {
  const given = { signature, asked: 0, warned: [] as string[] };
  const controller = {
    bundle: async () => {
      given.asked += 1;
      return { manifest: text, signature: given.signature };
    },
  };
  const log = { warn: (_: object, message: string) => void given.warned.push(message) };
  const bundles = openBundles(controller, signers.policy(mode), { draining: going, log });
  return {
    given,
    check: (claim: Partial<Asked> = {}) => bundles.check({ ...CLAIM, ...claim } as Claim, going),
  };
}

const refused = (code: string, message: string) =>
  expect.objectContaining({ code, message: expect.stringContaining(message) }) as GofleetError;

it('works on claims of a bundle that an allowed signer signed, and asks for it once', async () => {
  const { check, given } = worker(signers.sign(manifest));
  for (let claims = 0; claims < 3; claims += 1) await check();
  expect(given).toMatchObject({ asked: 1, warned: [] });
});

it('sends nothing of one that nobody signed, until somebody has', async () => {
  const { check, given } = worker(null);
  await expect(check()).rejects.toEqual(refused('signature_missing', 'bundle go: '));
  given.signature = signers.sign(manifest, 'stranger');
  await expect(check()).rejects.toEqual(refused('signature_untrusted', 'none of the allowed'));
  given.signature = signers.sign(manifest);
  await check();
});

it('sends nothing more once the key is revoked', async () => {
  const { check } = worker(signers.sign(manifest));
  await check();
  signers.revoke('release');
  await expect(check()).rejects.toEqual(refused('signature_untrusted', 'is revoked'));
});

it('gives hosts back and looks at them whoever signed', async () => {
  const { check, given } = worker(null);
  for (const task of ['rollback', 'probe', 'read'] as const) await check({ task });
  expect(given.asked).toBe(0);
});

it('warns once of a bundle where that is the policy, and asks nothing where it is off', async () => {
  const warned = worker(null, 'warn');
  for (let claims = 0; claims < 3; claims += 1) await warned.check();
  expect(warned.given.warned).toEqual(['sent all the same: the bundle is not signed']);
  const off = worker(null, 'off');
  await off.check();
  expect(off.given.asked).toBe(0);
});

it.each<[string, Partial<Asked>, string]>([
  [
    'an archive of other bytes',
    { operations: changed({ blob: '0'.repeat(64) }) },
    'Go 1.21.5 for linux/amd64',
  ],
  [
    'an archive of another size',
    { operations: changed({ unpackedBytes: 9 }) },
    'Go 1.21.5 for linux/amd64',
  ],
  [
    'one for another platform',
    { operations: changed({ arch: 'arm64' }) },
    'Go 1.21.5 for linux/arm64',
  ],
  ['a pack that the bundle has not', { operations: [...operations, pack()] }, 'pack default'],
  [
    'a blob that no operation needs',
    { blobs: [...blobs, { sha256: 'f'.repeat(64), size: 1 }] },
    'blob ffff',
  ],
  ['no bundle at all', { bundle: null }, 'does not say from which bundle'],
])('does not send %s, whoever signed the bundle', async (_, claim, why) => {
  const { check } = worker(signers.sign(manifest));
  await expect(check(claim)).rejects.toEqual(refused('bundle_invalid', why));
});

it('does not take another manifest for the one that the claim names', async () => {
  const other = bundleOf('go', 'other').manifest;
  const { check } = worker(signers.sign(other), undefined, other);
  await expect(check()).rejects.toEqual(refused('bundle_invalid', 'another manifest'));
});

function changed(change: object): ResolvedOperation[] {
  return operations.map((each) =>
    each.operation === 'go-toolchain'
      ? { ...each, archives: each.archives.map((archive) => ({ ...archive, ...change })) }
      : each,
  );
}

function pack(): ResolvedOperation {
  const archive = { blob: '1'.repeat(64), size: 1, unpackedBytes: 1, entries: 1 };
  return { operation: 'module-pack', pack: 'default', ...archive, projects: [] };
}
