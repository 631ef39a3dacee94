import type { Rollout } from '#api';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { act } from './act.ts';
import { printRollout } from './status.ts';
import { VERBS } from './verb-options.ts';

/** The verbs of a rollout with the options that become their body, as RULES names them. */
export function addRolloutVerbs(rollout: Command, cli: Cli): void {
  for (const { verb, description, options } of VERBS) {
    const command = rollout
      .command(verb)
      .description(description)
      .argument('<id>', 'of the rollout');
    for (const option of options) command.addOption(option());
    command.option('--note <text>', 'why, for those who read it later');
    command.action(
      cli.action(async (id: string, body: Record<string, unknown>) => {
        printRollout(await act(id, { verb }, (found) => bodyOf(verb, body, found), cli), cli);
        return 0;
      }),
    );
  }
}

type Body = Record<string, unknown>;

/** Who names hosts for a rollback means them; who approves means what the rollout says now. */
function bodyOf(verb: string, body: Body, { planDigest }: Rollout): Body {
  if (verb === 'rollback' && body['hosts']) return { scope: 'hosts', ...body };
  if (verb === 'approve') return { planDigest, ...body };
  if (verb !== 'extend') return body;
  const { size, ...rest } = body;
  return { ...rest, ...(size !== undefined && { batches: [{ size }] }) };
}
