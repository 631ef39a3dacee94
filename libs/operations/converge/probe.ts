import { GofleetError } from '#errors';
import { readFacts, type Facts } from '../host/facts.ts';
import { runScript, type Session } from '../host/session.ts';
import { probeScript } from '../render.ts';
import { blobsOf } from '../playbook/resolve.ts';
import { refuseUnfit } from '../unfit.ts';
import type { Deps } from './deps.ts';
import { safePoint, step, type Progress } from './progress.ts';

/** Asks a host for everything, in one exec, and claims it. The first answer is what was there before. */
export async function probe(session: Session, deps: Deps, progress: Progress): Promise<Facts> {
  safePoint(progress, deps);
  const { task } = session;
  refuseStrangeRoot(task.root);
  const blobs = blobsOf(task.operations).map(({ sha256 }) => sha256);
  const checks = task.operations.flatMap((each) =>
    each.operation === 'health-check' && task.task !== 'rollback' ? each.checks : [],
  );
  const env = task.operations.find((each) => each.operation === 'go-env');
  const script = probeScript(blobs, checks, env?.exportGoroot ?? false);
  const said = await step('facts', deps, () =>
    runScript(session, script, {
      // The script itself gives up the lock after the time of a step, and then it has to answer still.
      timeout: task.timeouts.step + 10_000,
      signal: AbortSignal.any([progress.deadline, deps.signal]),
      first: true,
    }),
  );
  const found = readFacts(said);
  progress.before ??= found;
  refuseUnfit(found, []);
  return found;
}

/** The root becomes part of profiles and of go.env, where nothing is quoted. */
export function refuseStrangeRoot(root: string | undefined): void {
  if (
    root === undefined ||
    (/^(?:~?\/[\w@+.-]+)(?:\/[\w@+.-]+)*$/.test(root) && !/\/\.\.?(?:\/|$)/.test(root))
  )
    return;
  throw new GofleetError('root_unsafe', `${JSON.stringify(root)} cannot be the folder of gofleet`, {
    remedy: 'Set `gofleet_root` to an absolute path of letters, digits and . _ - + @.',
  });
}
