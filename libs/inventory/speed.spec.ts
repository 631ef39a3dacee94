import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { listJson, loadInventory, selectHosts } from '#inventory';

const HOSTS = 10_000;
const RACKS = 40;
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gofleet-inventory-'));
  await writeFile(join(folder, 'hosts.ini'), ini());
  await writeFile(join(folder, 'hosts.yml'), yaml());
  await mkdir(join(folder, 'group_vars'));
  await writeFile(join(folder, 'group_vars', 'all.yml'), 'ansible_user: deploy\nsite: north\n');
});

afterAll(() => rm(folder, { recursive: true }));

it.each(['hosts.yml', 'hosts.ini'])('10,000 hosts of %s load in under a second', async (name) => {
  const before = process.threadCpuUsage();
  const start = performance.now();
  const inventory = await loadInventory(join(folder, name));
  const loaded = performance.now();
  const { user, system } = process.threadCpuUsage(before);
  const hosts = selectHosts(inventory, 'all:!rack7');
  const selected = performance.now();
  const listed = JSON.stringify(listJson(inventory)).length;
  const ended = performance.now();

  const times = [loaded - start, selected - loaded, ended - selected].map(Math.round);
  const busy = Math.round((user + system) / 1000);
  process.stdout.write(`${name}: load ${times[0]} ms (${busy} of the processor), `);
  process.stdout.write(`select ${times[1]} ms, list ${times[2]} ms\n`);
  expect(hosts).toHaveLength(HOSTS - HOSTS / RACKS);
  expect(hosts[0]).toMatchObject({ site: 'north', connection: { user: 'deploy', port: 22 } });
  expect(listed).toBeGreaterThan(HOSTS);
  // what others do on the machine at the time is not measured
  expect(busy).toBeLessThan(1000);
});

function numbers(): number[] {
  return Array.from({ length: HOSTS }, (_, index) => index);
}

function address(index: number): string {
  return `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`;
}

function ini(): string {
  const racks = Array.from({ length: RACKS }, (_, rack) => {
    const hosts = numbers().filter((index) => index % RACKS === rack);
    const lines = hosts.map(
      (index) => `build${index} ansible_host=${address(index)} slot=${index}`,
    );
    return `[rack${rack}]\n${lines.join('\n')}\n`;
  });
  return racks.join('\n');
}

function yaml(): string {
  const racks = Array.from({ length: RACKS }, (_, rack) => {
    const hosts = numbers().filter((index) => index % RACKS === rack);
    const entries = hosts.map(
      (index) =>
        `        build${index}:\n          ansible_host: ${address(index)}\n          slot: ${index}\n`,
    );
    return `    rack${rack}:\n      hosts:\n${entries.join('')}`;
  });
  return `all:\n  children:\n${racks.join('')}`;
}
