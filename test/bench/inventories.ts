import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadInventory, selectHosts } from '#inventory';

/** 10,000 hosts in 100 groups with variables on three levels. */
export async function inventories(work: string): Promise<unknown> {
  const folder = join(work, 'inventory');
  await mkdir(join(folder, 'group_vars'), { recursive: true });
  const groups = Array.from({ length: 100 }, (_, index) => {
    const rack = String(index).padStart(2, '0');
    return `    rack${rack}:\n      hosts:\n        r${rack}n[001:100].example.com:\n          ansible_user: deploy\n      vars: { site: s${index % 4} }\n`;
  });
  await writeFile(join(folder, 'hosts.yaml'), `all:\n  children:\n${groups.join('')}`);
  await writeFile(join(folder, 'group_vars/all.yml'), 'ansible_become: true\ntimezone: UTC\n');
  const start = performance.now();
  const inventory = await loadInventory(folder);
  const loaded = performance.now() - start;
  const hosts = selectHosts(inventory, 'all:!rack99');
  const selected = performance.now() - start - loaded;
  console.log(
    `  ${inventory.hosts.size} hosts loaded in ${loaded.toFixed(0)} ms, ${hosts.length} selected in ${selected.toFixed(0)} ms`,
  );
  return {
    hosts: inventory.hosts.size,
    loadMs: Math.round(loaded),
    selectMs: Math.round(selected),
    wanted: 'under 1 s',
  };
}
