import type { Command } from 'commander';
import type { Cli } from '../cli.ts';

export function addHostsCommands(program: Command, _cli: Cli): void {
  program.command('hosts');
}
