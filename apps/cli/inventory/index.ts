import type { Command } from 'commander';
import type { Cli } from '../cli.ts';

export function addInventoryCommands(program: Command, _cli: Cli): void {
  program.command('inventory');
}
