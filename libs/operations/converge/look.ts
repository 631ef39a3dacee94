import { judge } from '../operations/health-check.ts';
import { stepsFor } from '../operations/index.ts';
import type { Task } from '../task.ts';
import type { Transport } from '../transport.ts';
import { wantedOn } from '../wanted.ts';
import type { Deps } from './deps.ts';
import { probe } from './probe.ts';
import type { Progress } from './progress.ts';
import { refuseUnhealthy, refuseUnswitched } from './verdict.ts';

/** Only checks, on a host that may be in any state: for one that was lost after its switch began. */
export async function look(
  transport: Transport,
  task: Task,
  deps: Deps,
  progress: Progress,
): Promise<void> {
  const found = await probe({ transport, task }, deps, progress);
  progress.after = found;
  const wanted = wantedOn(found, task.operations);
  refuseUnswitched(wanted, found, { lacking: stepsFor(task.rollout, wanted, found) });
  refuseUnhealthy(judge(wanted.checks, found));
}
