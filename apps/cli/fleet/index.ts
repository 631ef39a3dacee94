import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { addFleetList } from './list.ts';
import { addFleetQuarantine } from './quarantine.ts';
import { addFleetShow } from './show.ts';

export function addFleetCommands(program: Command, cli: Cli): void {
  const fleet = program.command('fleet').description('what is known of the hosts of all rollouts');
  addFleetList(fleet, cli);
  addFleetShow(fleet, cli);
  addFleetQuarantine(fleet, cli);
}
