import { readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { duplicatesAmong, lintInventory, loadInventory, selectHosts } from '#inventory';

const FOLDER = new URL('../../inventory/', import.meta.url).pathname;

it.each(readdirSync(FOLDER))('inventory/%s loads and has no fault', async (name) => {
  const inventory = await loadInventory(`${FOLDER}${name}`);
  expect(lintInventory(inventory)).toEqual([]);
  const hosts = selectHosts(inventory, 'all');
  expect(hosts.length).toBeGreaterThan(0);
  expect(duplicatesAmong(hosts)).toEqual([]);
});

it('the build farm is what the user guide says of it', async () => {
  const inventory = await loadInventory(`${FOLDER}production`);
  const hosts = selectHosts(inventory, 'build:&linux:!quarantine');
  expect(hosts).toHaveLength(35);
  expect(hosts.find(({ name }) => name === 'build01.dc2.example.com')).toMatchObject({
    groups: ['build', 'canary', 'linux'],
    site: 'south',
    vars: { rack: 'r7', timezone: 'Europe/Berlin' },
    connection: {
      address: 'build01.dc2.example.com',
      port: 22,
      user: 'deploy',
      keyFile: 'deploy_ed25519',
      become: true,
      becomeUser: 'root',
      becomePassword: 'secret:env:GOFLEET_SECRET_BUILD_SUDO',
    },
  });
});
