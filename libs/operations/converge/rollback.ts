import { GofleetError } from '#errors';
import { readFacts, type Before, type Facts } from '../host/facts.ts';
import { runScript } from '../host/session.ts';
import { undoFor } from '../operations/index.ts';
import { rollbackScript } from '../render.ts';
import { isStage, type SwitchStep } from '../steps.ts';
import type { Task } from '../task.ts';
import type { Transport } from '../transport.ts';
import type { Deps } from './deps.ts';
import { probe } from './probe.ts';
import { step, type Progress } from './progress.ts';

/**
 * Gives a host back what `before/<rollout>.json` says, reads it again and compares. No byte of a blob is sent.
 * Answers whether there was nothing to give back.
 */
export async function rollback(
  transport: Transport,
  task: Task,
  deps: Deps,
  progress: Progress,
): Promise<{ unchanged: boolean }> {
  const session = { transport, task };
  const found = await probe(session, deps, progress);
  refuseSuperseded(task, found);
  const { before } = found;
  if (!before) return { unchanged: true };
  const steps = undoFor(before, found).filter((each): each is SwitchStep => !isStage(each));
  if (steps.length === 0) return { unchanged: true };
  progress.switched = true;
  const said = await step('roll back', deps, () =>
    runScript(session, rollbackScript(task.rollout, steps), {
      timeout: task.timeouts.step,
      signal: progress.deadline,
    }),
  );
  progress.after = readFacts(said);
  refuseDifference(before, progress.after);
  return { unchanged: false };
}

/** A rollout that came later stands on this one: it has to be rolled back first. */
function refuseSuperseded(task: Task, found: Facts): void {
  const last = found.state?.rollout ?? null;
  const mine = found.before;
  if (last === null || last === task.rollout || last === mine?.state.rollout) return;
  if (!mine) return;
  throw new GofleetError('superseded', `rollout ${last} has changed the host since`, {
    remedy: `Roll back ${last} first, or leave the host as it is.`,
  });
}

/** Read back: links, profile, the active trees, and what `go version` answers. */
function refuseDifference(before: Before, now: Facts): void {
  const differing = Object.entries(before.places)
    .filter(([path, was]) => {
      const is = now.places[path];
      const gone = was.kind === 'absent' || was.kind === 'nofolder';
      if (gone)
        return (
          is !== undefined &&
          is.kind !== 'absent' &&
          is.kind !== 'nofolder' &&
          !userFile(path, is.block)
        );
      return is?.kind !== was.kind || is.target !== was.target || is.block !== was.block;
    })
    .map(([path]) => path);
  if ((now.active?.generation ?? null) !== before.generation) differing.push('current');
  if (now.goVersion !== before.goVersion)
    differing.push(
      `go version (${now.goVersion || 'no answer'}, was ${before.goVersion || 'none'})`,
    );
  if (differing.length === 0) return;
  throw new GofleetError(
    'rollback_failed',
    `not as it was before the rollout: ${differing.join(', ')}`,
    { remedy: 'Look at these places on the host, correct them, and roll back again.' },
  );
}

/** A file that the user has written since, with no block of ours in it any more. */
function userFile(path: string, block: string | undefined): boolean {
  return /\/\.(?:profile|bashrc)$/.test(path) && block === undefined;
}
