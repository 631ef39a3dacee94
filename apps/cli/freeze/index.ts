import type { Freeze, FreezeBody } from '#api';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';

export function addFreezeCommands(program: Command, cli: Cli): void {
  const freeze = program
    .command('freeze')
    .description('let nothing new start anywhere, until it is ended');
  freeze
    .command('start')
    .description('pause every rollout at once (admin, audited)')
    .requiredOption('--note <text>', 'why, for those who find everything paused')
    .option('--rollbacks', 'rollbacks stand still too', false)
    .action(
      cli.action(async (body: FreezeBody) => {
        print(await cli.client.post<Freeze>('/v1/freeze', body), cli);
        return 0;
      }),
    );
  freeze
    .command('end')
    .description('end the freeze; what was paused is resumed by people (admin, audited)')
    .action(
      cli.action(async () => {
        const answer = await cli.client.call('DELETE', '/v1/freeze');
        print((await answer.json()) as Freeze, cli);
        return 0;
      }),
    );
  freeze
    .command('status')
    .description('say whether everything is frozen: 1 if it is')
    .action(
      cli.action(async () => {
        const present = await cli.client.get<Freeze>('/v1/freeze');
        print(present, cli);
        return present.frozen ? 1 : 0;
      }),
    );
}

function print(freeze: Freeze, { terminal }: Cli): void {
  terminal.out(terminal.json ? JSON.stringify(freeze) : freezeText(freeze));
}

export function freezeText({ frozen, at, who, note, rollbacks }: Freeze): string {
  if (!frozen) return 'nothing is frozen';
  const scope = rollbacks ? 'nothing starts, rollbacks neither' : 'nothing starts but rollbacks';
  return `frozen since ${at} by ${who}: ${note}\n${scope}`;
}
