import { readFacts } from '../host/facts.ts';
import { runScript } from '../host/session.ts';
import { readScript } from '../render.ts';
import type { Task } from '../task.ts';
import type { Transport } from '../transport.ts';
import type { Deps } from './deps.ts';
import { refuseStrangeRoot } from './probe.ts';
import { safePoint, step, type Progress } from './progress.ts';
import { readTrees } from './read-trees.ts';

/** Asks a host for its facts and leaves no trace: no lock, no claim, no folder. What is unfit is told, not refused. */
export async function read(
  transport: Transport,
  task: Task,
  deps: Deps,
  progress: Progress,
): Promise<void> {
  safePoint(progress, deps);
  refuseStrangeRoot(task.root);
  const said = await step('facts', deps, () =>
    runScript({ transport, task }, readScript(), {
      timeout: task.timeouts.step,
      signal: AbortSignal.any([progress.deadline, deps.signal]),
      first: true,
    }),
  );
  progress.after = readFacts(said);
  if (task.trees)
    progress.trees = await readTrees({ transport, task }, progress.after, deps, progress);
}
