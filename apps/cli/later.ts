import type { Command } from 'commander';
import { GofleetError } from '#errors';
import type { Cli } from './cli.ts';

/** Commands that are known and belong to a later release, by the command they are part of (empty: none). */
export const LATER: Record<string, string[]> = {
  bundle: ['scan'],
};

/** They take whatever is written after them, so that the answer is about the command and not about its options. */
export function addLaterCommands(program: Command, cli: Cli): void {
  for (const [group, commands] of Object.entries(LATER))
    for (const name of commands) {
      const parent = group === '' ? program : groupOf(program, group);
      parent
        .command(name, { hidden: true })
        .argument('[words...]')
        .allowUnknownOption()
        .allowExcessArguments()
        .action(cli.action(() => Promise.reject(notYet(`${group} ${name}`.trim()))));
    }
}

function groupOf(program: Command, name: string): Command {
  const found = program.commands.find((command) => command.name() === name);
  return found ?? program.command(name, { hidden: true });
}

function notYet(command: string): GofleetError {
  return new GofleetError('not_supported_yet', `"gofleet ${command}" is not part of this release`, {
    remedy: 'Use a later release; "gofleet --help" shows what this one can do.',
  });
}
