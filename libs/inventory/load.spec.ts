import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { isGofleetError } from '#errors';
import { loadInventory, selectHosts } from '#inventory';

let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'gofleet-load-'));
});
afterEach(() => rm(root, { recursive: true }));

async function write(files: Record<string, string>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), text);
  }
}

async function errorOf(work: () => unknown): Promise<string> {
  try {
    await work();
  } catch (error) {
    if (isGofleetError(error)) return `${error.code} ${error.message}`;
    throw error;
  }
  return 'no error';
}

it.each<[string, Record<string, string>, string]>([
  ['nothing', {}, 'invalid_file prod: there is no such inventory'],
  ['a broken file', { 'prod/a.yml': 'all:\n  hosts: [x]\n' }, 'invalid_file prod/a.yml:2: '],
  ['a script', { 'prod/a': 'h1\n', 'prod/b': '#!/bin/sh\n' }, 'not_supported_yet prod/b:1: '],
  ['a TOML file', { 'prod/a.toml': '' }, 'not_supported_yet prod/a.toml: '],
  ['a plugin', { 'prod/a.yml': 'x: 1\nplugin: gcp\n' }, 'not_supported_yet prod/a.yml:1: '],
  ['bytes', { 'prod/a': 'h1\0\n' }, 'invalid_file prod/a: this is no text'],
  ['a large file', { 'prod/a': '#'.repeat(5_000_001) }, 'too_large prod/a '],
  [
    'variables that are a list',
    { 'prod/a': '[g]\nh\n', 'prod/group_vars/g.yml': '\n- a\n' },
    'invalid_file prod/group_vars/g.yml:2: variables are a mapping, and this is a list',
  ],
])('%s is refused with its place', async (_title, files, message) => {
  await write(files);
  expect(await errorOf(() => loadInventory(join(root, 'prod')))).toContain(message);
});

it('names the file and line of a variable from group_vars', async () => {
  await write({
    hosts: '[web:children]\nfront\n[front]\nh1\n',
    'group_vars/web/a.yml': '# here\nansible_port: x\n',
  });
  const inventory = await loadInventory(join(root, 'hosts'));
  expect(await errorOf(() => selectHosts(inventory, 'h1'))).toBe(
    'invalid_file group_vars/web/a.yml:2: ansible_port of the host "h1" is no port',
  );
});

it('hosts whose variables Ansible Vault locks cannot be planned, others can', async () => {
  await write({
    hosts: '[web]\nh1\n[db]\nh2\n',
    'group_vars/web/vault.yml': '$ANSIBLE_VAULT;1.1;AES256\n3132\n',
  });
  const inventory = await loadInventory(join(root, 'hosts'));
  expect(await errorOf(() => selectHosts(inventory, 'web'))).toContain(
    'not_supported_yet group_vars/web/vault.yml:1: ',
  );
  expect(selectHosts(inventory, 'db')).toHaveLength(1);
});

it('warns of files that Ansible leaves out of a folder', async () => {
  await write({ 'prod/a': 'h1\n', 'prod/b.ini': 'h2\n', 'prod/readme.md': 'text\n' });
  const { warnings } = await loadInventory(join(root, 'prod'));
  expect(warnings.map(({ file }) => file)).toEqual(['prod/b.ini']);
});

it('finds @lists beside the inventory and nowhere else', async () => {
  await write({
    'prod/hosts': 'h1\nh2\nh3\n',
    'prod/retry.txt': 'h3\nh1\n',
    'secret.txt': 'h2\n',
  });
  await symlink(join(root, 'secret.txt'), join(root, 'prod/link.txt'));
  const inventory = await loadInventory(join(root, 'prod'));
  expect(selectHosts(inventory, '@retry.txt').map(({ name }) => name)).toEqual(['h3', 'h1']);
  expect(await errorOf(() => selectHosts(inventory, '@../secret.txt'))).toContain(
    'path_not_allowed',
  );
  expect(await errorOf(() => selectHosts(inventory, '@link.txt'))).toContain('path_not_allowed');
  expect(await errorOf(() => selectHosts(inventory, '@none.txt'))).toContain('cannot be read');
});
