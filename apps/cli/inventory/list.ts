import { listJson, loadInventory, selectNames, type Inventory } from '#inventory';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { renderTable } from '../terminal/table.ts';

export function addInventoryList(inventory: Command, cli: Cli): void {
  inventory
    .command('list')
    .description('list hosts; with --json what "ansible-inventory --list" prints')
    .argument('[pattern]', 'only these hosts (not with --json)', 'all')
    .requiredOption('-i, --inventory <path>', 'inventory file or folder')
    .action(
      cli.action(async (pattern: string, options: { inventory: string }) => {
        const found = await loadInventory(options.inventory);
        if (cli.terminal.json) cli.terminal.out(ansibleJson(listJson(found)));
        else cli.terminal.out(renderHosts(found, selectNames(found, pattern)));
        return 0;
      }),
    );
}

/** As Ansible writes it: four spaces, keys in order. */
export function ansibleJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => (isPlain(inner) ? sorted(inner) : inner), 4);
}

/** Numbers too long for JavaScript are no plain objects, and stay what they are. */
function isPlain(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
  );
}

function sorted(value: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function renderHosts(inventory: Inventory, names: string[]): string {
  const { _meta } = listJson(inventory);
  const vars = (name: string, key: string) => _meta.hostvars[name]?.[key];
  return renderTable(names, [
    { title: 'HOST', cell: (name) => name },
    { title: 'ADDRESS', cell: (name) => text(vars(name, 'ansible_host')) || name },
    { title: 'PORT', cell: (name) => text(vars(name, 'ansible_port')) || '22', align: 'right' },
    { title: 'SITE', cell: (name) => text(vars(name, 'site')) || 'default' },
    { title: 'GROUPS', cell: (name) => [...(inventory.hosts.get(name)?.groups ?? [])].join(', ') },
  ]);
}

function text(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
