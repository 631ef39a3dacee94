import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { signingPolicy } from './signing-policy.ts';

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gofleet-policy-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

it('asks for signatures from the moment at which somebody is named who may sign', async () => {
  const policy = signingPolicy({}, folder);
  expect(await policy()).toMatchObject({ mode: 'warn', signers: [] });
  writeFileSync(join(folder, 'allowed_signers'), `ops@example.com ${KEY}\n`);
  expect(await policy()).toMatchObject({
    mode: 'require',
    signers: [{ principals: 'ops@example.com' }],
  });
  rmSync(join(folder, 'allowed_signers'));
  expect(await policy()).toMatchObject({ mode: 'warn' });
});

it('does what it was told, whatever lies in the folder', async () => {
  writeFileSync(join(folder, 'allowed_signers'), 'what cannot be read');
  expect(await signingPolicy({ bundlePolicy: 'off' }, folder)()).toMatchObject({ mode: 'off' });
  writeFileSync(join(folder, 'others'), `else@example.com ${KEY}\n`);
  const told = { bundlePolicy: 'warn', allowedSigners: join(folder, 'others') } as const;
  expect(await signingPolicy(told, folder)()).toMatchObject({
    mode: 'warn',
    signers: [{ principals: 'else@example.com' }],
  });
});

it.each([{ allowedSigners: '/nowhere/signers' }, { revokedKeys: '/nowhere/revoked' }])(
  'does not take a file that is not there for an empty one: %j',
  async (options) => {
    await expect(signingPolicy(options, folder)()).rejects.toMatchObject({
      code: 'invalid_file',
      message: expect.stringContaining('/nowhere/'),
    });
  },
);
