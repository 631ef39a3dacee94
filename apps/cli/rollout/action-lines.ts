import type { Counts, Rollout } from '#api';

/** What the exact commands need to know of a rollout; where only its id is known, all of them are named. */
export interface Standing {
  reason?: Rollout['reason'];
  batches?: Pick<Rollout['batches'][number], 'state'>[];
  counts?: Counts;
  /** What follows each command: ` --data DIR`. */
  again?: string;
}

type Row = [options: string, meaning: string];

/** For each action the commands that a person can copy, the usual one first. */
const COMMANDS: Record<string, (standing: Standing) => Row[]> = {
  approve: () => [['', 'say yes to what is asked for']],
  deny: () => [['', 'say no, which ends the rollout']],
  advance: () => [['', 'end the present delay, bake or wait for a window']],
  skip: () => [[' --hosts NAMES', 'drop hosts that have not started or not succeeded']],
  refresh: () => [['', 'read again how hosts are reached']],
  extend: () => [[' --targets PATTERN', 'add new hosts as batches at the end']],
  pause: () => [['', 'start no more hosts; those at work are finished']],
  resume: ({ reason }) =>
    reason?.decision === undefined
      ? [['', 'go on']]
      : [
          [' --mode retry', 'run what did not succeed again, then go on'],
          [` --mode continue --acknowledge ${reason.decision}`, 'accept these failures and go on'],
        ],
  retry: ({ counts }) => {
    const states = (['failed', 'unreachable', 'lost'] as const).filter(
      (state) => !counts || counts[state] > 0,
    );
    const which = states.length > 0 ? `--states ${states.join(',')}` : '--hosts NAMES';
    return [[` ${which}`, 'run these hosts again']];
  },
  rollback: ({ batches, counts }) => {
    const rows: [boolean, ...Row][] = [
      [tripped(batches), ' --scope batch', 'bring the hosts of the batch that tripped last back'],
      [failed(counts), ' --scope failed', 'bring only the failed hosts back'],
      [true, ' --scope all', 'bring every host that was changed back'],
    ];
    return rows.filter(([fits]) => fits).map(([, ...row]) => row);
  },
  abort: () => [['', 'end it here; no more hosts are started']],
};

function tripped(batches: Standing['batches']): boolean {
  return !batches || batches.some(({ state }) => state === 'tripped');
}

function failed(counts: Counts | undefined): boolean {
  return !counts || counts.failed + counts.lost > 0;
}

/** `  gofleet rollout resume 01J… --mode retry   # run what did not succeed again, then go on` */
export function actionLines(
  actions: readonly string[],
  id: string,
  standing: Standing = {},
): string[] {
  const rows = actions.flatMap((verb) =>
    (COMMANDS[verb]?.(standing) ?? [['', '']]).map(([options, meaning]) => ({
      command: `gofleet rollout ${verb} ${id}${options}${standing.again ?? ''}`,
      meaning,
    })),
  );
  const width = Math.max(...rows.map(({ command }) => command.length));
  return rows.map(({ command, meaning }) =>
    meaning ? `  ${command.padEnd(width)}  # ${meaning}` : `  ${command}`,
  );
}
