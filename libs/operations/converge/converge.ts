import { GofleetError, isGofleetError } from '#errors';
import type { Facts } from '../host/facts.ts';
import { runScript, type Session } from '../host/session.ts';
import { readFacts } from '../host/facts.ts';
import { stepsFor } from '../operations/index.ts';
import { judge, missingBuilds } from '../operations/health-check.ts';
import { switchScript } from '../render.ts';
import { isStage, type SwitchStep } from '../steps.ts';
import type { Transport } from '../transport.ts';
import { refuseUnfit } from '../unfit.ts';
import { wantedOn, type Wanted } from '../wanted.ts';
import type { Task } from '../task.ts';
import type { Deps } from './deps.ts';
import { probe } from './probe.ts';
import { safePoint, step, type Progress } from './progress.ts';
import { stage } from './stage.ts';
import { refuseUnhealthy, refuseUnswitched } from './verdict.ts';

/**
 * Brings one host to what its task wants: facts, steps, uploads, the switch, checks, facts again. Throws what
 * stops it; what was reached by then is in `progress`. Answers whether the host had everything already.
 */
export async function converge(
  transport: Transport,
  task: Task,
  deps: Deps,
  progress: Progress,
): Promise<{ unchanged: boolean }> {
  const session = { transport, task };
  const found = await probe(session, deps, progress);
  const wanted = wantedOn(found, task.operations);
  const steps = stepsFor(task.rollout, wanted, found);
  refuseUnfit(found, steps);
  if (steps.length === 0) {
    progress.after = found;
    refuseUnhealthy(judge(wanted.checks, found));
    return { unchanged: true };
  }
  for (const each of steps.filter(isStage)) await stage(session, each, deps, progress);
  const changes = steps.filter((each): each is SwitchStep => !isStage(each));
  if (changes.length > 0) await announce(deps, progress);
  progress.after = await switchOver(session, { wanted, found, changes }, deps, progress);
  refuseUnswitched(wanted, progress.after);
  refuseUnhealthy(judge(wanted.checks, progress.after));
  return { unchanged: false };
}

/** No switch begins before the controller has written that it does, nor after it has been silent for long. */
async function announce(deps: Deps, progress: Progress): Promise<void> {
  safePoint(progress, deps);
  await deps.report.switching();
  safePoint(progress, deps);
  if (deps.maySwitch()) return;
  throw new GofleetError('site_unavailable', 'the controller has not answered for too long', {
    remedy: 'Nothing: the host is given back and its turn comes again.',
  });
}

interface Change {
  wanted: Wanted;
  found: Facts;
  changes: SwitchStep[];
}

async function switchOver(
  session: Session,
  { wanted, found, changes }: Change,
  deps: Deps,
  progress: Progress,
): Promise<Facts> {
  const { task } = session;
  const builds = missingBuilds(wanted, found);
  const checks = wanted.checks.filter(
    (check) => check.kind === 'command' || builds.includes(check),
  );
  const script = switchScript(task.rollout, changes, checks, found, goroot(wanted));
  progress.switched ||= changes.length > 0;
  const patience = checks.reduce((total, check) => total + check.timeout, 60_000);
  const name = changes.length > 0 ? 'switch and check' : 'check';
  const run = () =>
    runScript(session, script, {
      timeout: Math.max(task.timeouts.step, patience),
      signal: progress.deadline,
    });
  try {
    return readFacts(await step(name, deps, run));
  } catch (error) {
    if (isGofleetError(error) && error.details['untouched'] === true) progress.switched = false;
    throw error;
  }
}

function goroot({ env }: Wanted): boolean {
  return env?.exportGoroot ?? false;
}
