import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ADMIN, createStand, OPERATOR, planOf, type Stand } from './stand.ts';

const creating = (stand: Stand, text: string, by = OPERATOR) =>
  stand.conductor.createRollout(by, { text, format: 'yaml' });

const PLAN = `kind: RolloutPlan
name: build farm
inventory: production
targets: all
bundle: go-1.21.5
playbook: install-go
strategy:
  batches:
    - { size: 2 }
`;

async function withInventory(stand: Stand) {
  await stand.importBundle();
  const text =
    'all:\n  hosts:\n    a: { ansible_host: 10.0.0.1 }\n    b: { ansible_host: 10.0.0.2 }\n';
  await writeFile(join(stand.folders.inventory, 'production.yaml'), text);
}

it('reads inventory and playbook by name, warns of hosts without a pinned key, and freezes it all', async () => {
  await using stand = await createStand();
  await withInventory(stand);
  const { value } = await creating(stand, PLAN);
  expect(value).toMatchObject({
    name: 'build farm',
    inventory: 'production',
    playbook: 'install-go',
    requester: 'olga',
    bundle: { name: 'go-1.21.5' },
    counts: { planned: 2 },
  });
  expect(value.planDigest).toMatch(/^sha256:[0-9a-f]{64}$/);
  expect(value.warnings.join()).toContain('2 hosts have no pinned key');
});

it('warns of a part of the targets that nothing matches', async () => {
  await using stand = await createStand();
  await withInventory(stand);
  const { value } = await creating(
    stand,
    PLAN.replace('targets: all', 'targets: "all:!quarantin"'),
  );
  expect(value.warnings.join()).toContain('nothing matches quarantin');
});

it('does not take a certificate in known_hosts for a missing key', async () => {
  await using stand = await createStand();
  await withInventory(stand);
  const line = `@cert-authority 10.0.0.1 ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA${'A'.repeat(44)}\n`;
  await writeFile(join(stand.folder, 'known_hosts'), line);
  const { value } = await creating(stand, PLAN);
  expect(value.warnings.join()).toContain('1 host has no pinned key');
});

it.each([
  ['inventory: ../secrets', 'path_not_allowed', 3],
  ['inventory: /etc/hosts', 'path_not_allowed', 3],
  ['inventory: leads-out', 'path_not_allowed', 3],
  ['inventory: folder-with-link', 'path_not_allowed', 3],
  ['playbook: ../install-go', 'path_not_allowed', 6],
  ['inventory: productoin', 'invalid_file', 3],
  ['playbook: install-gone', 'invalid_file', 6],
  ['bundle: go-9', 'invalid_file', 5],
  ['nmae: x', 'invalid_file', 1],
])('refuses `%s` with its line', async (line, code, at) => {
  await using stand = await createStand();
  await withInventory(stand);
  await writeFile(join(stand.folder, 'outside.yaml'), 'all: { hosts: { x: } }');
  await symlink(join(stand.folder, 'outside.yaml'), join(stand.folders.inventory, 'leads-out'));
  const folder = join(stand.folders.inventory, 'folder-with-link');
  await mkdir(folder);
  await symlink(join(stand.folder, 'outside.yaml'), join(folder, 'hosts.yaml'));
  const key = line.split(':')[0] ?? '';
  const text = PLAN.includes(`${key}:`)
    ? PLAN.replace(new RegExp(`^${key}:.*$`, 'm'), line)
    : `${line}\n${PLAN}`;
  await expect(creating(stand, text)).rejects.toMatchObject({ code, errors: [{ line: at }] });
});

it('takes an inline playbook from an admin alone', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  const operations = [{ 'go-toolchain': { version: '1.21.5' } }];
  const playbook = { kind: 'Playbook', name: 'mine', operations };
  await expect(stand.create({ playbook })).rejects.toMatchObject({ code: 'forbidden' });
  expect((await stand.create({ playbook }, ADMIN)).playbook).toBe('inline: mine');
});

it('refuses hosts that belong to another rollout, naming it and what to do', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  const first = await stand.create({ hosts: 3, batches: [{ size: 3 }] });
  await expect(stand.create({ hosts: 5 })).rejects.toMatchObject({
    code: 'lock_conflict',
    message: expect.stringContaining(
      `h0, h1, h2: belongs to rollout ${first.id} (running, started by olga)`,
    ) as string,
    details: { rollouts: [{ id: first.id, state: 'running', requester: 'olga' }] },
  });
  const { items } = await stand.conductor.listRollouts({ limit: 10 });
  expect(items).toHaveLength(1);
});

it('refuses a bundle whose blobs are not all there, also when one went away', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  const [blob] = await stand.store.list();
  await stand.store.collect(new Set());
  await expect(stand.create()).rejects.toMatchObject({
    code: 'blobs_missing',
    details: { missing: [{ sha256: blob?.sha256 }] },
  });
});

it('gives names for hosts that come twice or match nothing', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  await expect(stand.create({ targets: 'nobody' })).rejects.toMatchObject({ code: 'no_hosts' });
  const inventory = {
    all: { hosts: { a: { ansible_host: '10.1.1.1' }, b: { ansible_host: '10.1.1.1' } } },
  };
  await expect(stand.create({ inventory })).rejects.toMatchObject({ code: 'duplicate_host' });
});

it('narrows the targets by a limit', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  const text = JSON.stringify(planOf({}));
  const request = { text, format: 'json', limit: 'h1:h2' } as const;
  const { value } = await stand.conductor.createRollout(OPERATOR, request);
  expect(value.counts.planned).toBe(2);
  expect(value.targets).toBe('all limited to h1:h2');
});
