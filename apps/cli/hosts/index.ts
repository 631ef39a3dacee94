import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { addHostsAdopt } from './adopt.ts';

export function addHostsCommands(program: Command, cli: Cli): void {
  const hosts = program.command('hosts').description('look at hosts and take them over');
  addHostsAdopt(hosts, cli);
}
