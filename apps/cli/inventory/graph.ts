import { graphText, loadInventory, type Inventory } from '#inventory';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';

export function addInventoryGraph(inventory: Command, cli: Cli): void {
  inventory
    .command('graph')
    .description('show groups and their hosts as a tree')
    .requiredOption('-i, --inventory <path>', 'inventory file or folder')
    .action(
      cli.action(async (options: { inventory: string }) => {
        const found = await loadInventory(options.inventory);
        const { terminal } = cli;
        terminal.out(terminal.json ? JSON.stringify(treeOf(found, 'all')) : graphText(found));
        return 0;
      }),
    );
}

interface Tree {
  group: string;
  children: Tree[];
  hosts: string[];
}

function treeOf(inventory: Inventory, name: string): Tree {
  const group = inventory.groups.get(name);
  return {
    group: name,
    children: [...(group?.children ?? [])].map((child) => treeOf(inventory, child)),
    hosts: name === 'all' ? [] : [...(group?.hosts ?? [])],
  };
}
