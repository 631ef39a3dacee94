import type { Facts } from '../host/facts.ts';
import { readFacts } from '../host/facts.ts';
import { runScript, type Session } from '../host/session.ts';
import { buildsOf, judge, sourcesFor, type BuildCheck } from '../operations/health-check.ts';
import { stepsFor } from '../operations/index.ts';
import { checkScript } from '../render.ts';
import type { Task } from '../task.ts';
import type { Transport } from '../transport.ts';
import { refuseUnfit } from '../unfit.ts';
import { wantedOn, type Wanted } from '../wanted.ts';
import type { Deps } from './deps.ts';
import { probe } from './probe.ts';
import { safePoint, step, type Progress } from './progress.ts';
import { stage } from './stage.ts';
import { refuseUnhealthy, refuseUnswitched } from './verdict.ts';

/**
 * All checks of the playbook once more on a host that has what is wanted, builds too, whatever state.json records.
 * Nothing is changed: the source of a build comes and goes. Throws `health`.
 */
export async function checkAgain(
  transport: Transport,
  task: Task,
  deps: Deps,
  progress: Progress,
): Promise<void> {
  const session = { transport, task };
  const found = await probe(session, deps, progress);
  progress.after = found;
  const wanted = wantedOn(found, task.operations);
  const lacking = stepsFor(task.rollout, wanted, found);
  refuseUnswitched(wanted, found, { lacking, code: 'health' });
  refuseUnhealthy(judge(wanted.checks, found));
  const builds = buildsOf(wanted.checks);
  if (builds.length === 0) return;
  const built = await build(session, { wanted, found, builds }, deps, progress);
  progress.after = { ...found, checks: { ...found.checks, ...built.checks } };
  refuseUnhealthy(judge(builds, built));
}

interface Builds {
  wanted: Wanted;
  found: Facts;
  builds: BuildCheck[];
}

async function build(
  session: Session,
  { wanted, found, builds }: Builds,
  deps: Deps,
  progress: Progress,
): Promise<Facts> {
  const sources = sourcesFor(wanted, found, builds);
  refuseUnfit(found, sources);
  for (const source of sources) await stage(session, source, deps, progress);
  safePoint(progress, deps);
  const patience = builds.reduce((total, check) => total + check.timeout, 60_000);
  const script = checkScript(builds, wanted.env?.exportGoroot ?? false);
  const said = await step('check again', deps, () =>
    runScript(session, script, {
      timeout: Math.max(session.task.timeouts.step, patience),
      signal: AbortSignal.any([progress.deadline, deps.signal]),
    }),
  );
  return readFacts(said);
}
