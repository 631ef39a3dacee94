import type { Reason } from '#api';
import type { z } from 'zod';

/** What the exact commands need to know of a rollout. */
export interface Standing {
  reason?: z.infer<typeof Reason> | null;
  /** What follows the id: ` --data DIR`. */
  again?: string;
}

type Row = (verb: string, standing: Standing) => [command: string, meaning: string][];

/** For each action the commands that a person can copy, the usual one first. */
const COMMANDS: Record<string, Row> = {
  pause: () => [['', 'start no more hosts; those at work are finished']],
  resume: (_, { reason }) =>
    reason?.decision === undefined
      ? [['', 'go on']]
      : [
          [' --mode retry', 'run what did not succeed again, then go on'],
          [` --mode continue --acknowledge ${reason.decision}`, 'accept these failures and go on'],
        ],
  retry: () => [[' --states failed,unreachable,lost', 'run these hosts again']],
  rollback: () => [
    [' --scope batch', 'bring the hosts of the batch that tripped last back'],
    [' --scope failed', 'bring only the failed hosts back'],
    [' --scope all', 'bring every host that was changed back'],
  ],
  abort: () => [['', 'end it here; no more hosts are started']],
};

/** `  gofleet rollout resume 01J… --mode retry   # run what did not succeed again, then go on` */
export function actionLines(
  actions: readonly string[],
  id: string,
  standing: Standing = {},
): string[] {
  const rows = actions.flatMap((verb) =>
    (COMMANDS[verb]?.(verb, standing) ?? [['', '']]).map(([options, meaning]) => ({
      command: `gofleet rollout ${verb} ${id}${options}${standing.again ?? ''}`,
      meaning,
    })),
  );
  const width = Math.max(...rows.map(({ command }) => command.length));
  return rows.map(({ command, meaning }) =>
    meaning ? `  ${command.padEnd(width)}  # ${meaning}` : `  ${command}`,
  );
}
