import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { addInventoryGraph } from './graph.ts';
import { addInventoryLint } from './lint.ts';
import { addInventoryList } from './list.ts';

export function addInventoryCommands(program: Command, cli: Cli): void {
  const inventory = program.command('inventory').description('read inventories as Ansible does');
  addInventoryList(inventory, cli);
  addInventoryGraph(inventory, cli);
  addInventoryLint(inventory, cli);
}
