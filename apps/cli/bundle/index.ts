import type { Command } from 'commander';
import type { Cli } from '../cli.ts';

export function addBundleCommands(program: Command, _cli: Cli): void {
  program.command('bundle');
}
