import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { addRolloutExplain } from './explain.ts';
import { addRolloutFailures } from './failures.ts';
import { addRolloutHosts } from './hosts.ts';
import { addRolloutList } from './list.ts';
import { addRolloutLog } from './log.ts';
import { addRolloutReport } from './report.ts';
import { addRolloutSet } from './set.ts';
import { addRolloutStart } from './start.ts';
import { addRolloutStatus } from './status.ts';
import { addRolloutVerbs } from './verbs.ts';
import { addRolloutWatch } from './watch.ts';

export function addRolloutCommands(program: Command, cli: Cli): void {
  const rollout = program.command('rollout').description('start, watch and steer rollouts');
  addRolloutStart(rollout, cli);
  addRolloutList(rollout, cli);
  addRolloutStatus(rollout, cli);
  addRolloutWatch(rollout, cli);
  addRolloutExplain(rollout, cli);
  addRolloutFailures(rollout, cli);
  addRolloutReport(rollout, cli);
  addRolloutHosts(rollout, cli);
  addRolloutLog(rollout, cli);
  addRolloutVerbs(rollout, cli);
  addRolloutSet(rollout, cli);
}
