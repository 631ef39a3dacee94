import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createSigners, type Signers } from '../conductor/signers.ts';
import { startLab, type Lab } from '../lab/index.ts';
import { install, plan, startStack, syntheticBundle, type Stack } from '../stack/index.ts';

/** A controller and a worker that each have their own word on who may sign. */
let signers: Signers;
let lab: Lab;
let data: string;
let stack: Stack;
let bundle: string;

beforeAll(async () => {
  signers = createSigners();
  lab = await startLab({ hosts: [{ name: 'n1', diskMb: 64 }] });
  data = await mkdtemp(join(tmpdir(), 'gofleet-data-'));
  await copyFile(join(signers.folder, 'allowed_signers'), join(data, 'allowed_signers'));
  await writeFile(join(data, 'worker.yaml'), 'revokedKeys: revoked-at-site\n');
  await writeFile(join(data, 'revoked-at-site'), '');
  stack = await startStack({ lab, data });
  bundle = await syntheticBundle({ versions: ['1.21.5', '1.21.6'] });
});

afterAll(async () => {
  await stack[Symbol.asyncDispose]();
  await lab.stop();
  await rm(data, { recursive: true, force: true });
  signers[Symbol.dispose]();
});

it('takes a bundle once somebody who may has signed it, and says who', async () => {
  const refused = await stack.cli('bundle', 'import', bundle);
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('is not signed') });
  expect((await stack.api.get('/v1/bundles')).body).toMatchObject({ items: [] });
  await stack.cli('bundle', 'sign', bundle, '--key', join(signers.folder, 'release'));
  const imported = await stack.cli('bundle', 'import', bundle);
  expect(imported.stdout).toContain('; signed by ops@example.com (SHA256:');
  expect(imported.code).toBe(0);
});

it('sends it to hosts, where the worker looked again', async () => {
  const { id } = await stack.api.start(plan({ playbook: install('1.21.5') }));
  await stack.api.untilState(id, 'succeeded');
});

it('sends nothing where the worker does not trust it any more: its site is held, no host has failed', async () => {
  await copyFile(join(signers.folder, 'release.pub'), join(data, 'revoked-at-site'));
  const { id } = await stack.api.start(plan({ playbook: install('1.21.6') }));
  const { reason, counts } = await stack.api.until(id, (rollout) => rollout.reason !== null);
  expect(reason).toMatchObject({
    code: 'site_unavailable',
    message: expect.stringMatching(/site default is held: .*bundle synthetic: .*is revoked/),
  });
  expect(counts).toMatchObject({ pending: 1, failed: 0, unreachable: 0 });
});
