import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { install, plan, startStack, syntheticBundle, type Stack } from '../stack/index.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ args: ['--keep-bundles', '1'] });
});
afterAll(() => stack[Symbol.asyncDispose]());

/** Imports a bundle of the same name with this version of Go; answers its digest. */
async function bring(version: string): Promise<string> {
  const bundle = await syntheticBundle({ versions: [version] });
  const { code, stdout } = await stack.cli('bundle', 'import', bundle, '--json');
  expect(code).toBe(0);
  return (JSON.parse(stdout) as { digest: string }).digest;
}

async function blobs(): Promise<number> {
  const names = await readdir(join(stack.data, 'blobs/sha256'), { recursive: true });
  return names.filter((name) => /[0-9a-f]{64}$/.test(name)).length;
}

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH';
const inventory = { all: { hosts: { n1: { ansible_host: '127.0.0.9', gofleet_host_key: KEY } } } };

it('keeps the newest of a name, and what a rollout still needs', async () => {
  const first = await bring('1.21.1');
  const second = await bring('1.21.2');
  expect((await stack.api.get(`/v1/bundles/${first}`)).status).toBe(404);
  expect(await blobs()).toBe(1);
  const startAt = new Date(Date.now() + 3_600_000).toISOString();
  const scheduled = plan({ inventory, startAt, playbook: install('1.21.2') });
  const { id } = await stack.api.start(scheduled);
  await bring('1.21.3');
  const refused = await stack.cli('bundle', 'remove', second);
  expect(refused.stderr).toContain(`is needed by rollout ${id} (scheduled)`);
  expect(refused.code).toBe(1);
  await stack.api.post(`/v1/rollouts/${id}/abort`);
  await stack.api.untilState(id, 'aborted');
  const removed = await stack.cli('bundle', 'remove', second);
  expect(removed.stdout).toMatch(/^removed synthetic \(sha256:.*\): 1 blob, .* freed/);
  expect(await blobs()).toBe(1);
  expect((await stack.cli('bundle', 'remove', second)).code).toBe(1);
});
