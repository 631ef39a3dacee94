import pRetry, { type RetryContext } from 'p-retry';
import { isGofleetError, toGofleetError } from '#errors';
import type { Outcome, Task } from '../task.ts';
import type { Transport } from '../transport.ts';
import { checkAgain } from './check-again.ts';
import { converge } from './converge.ts';
import type { Deps } from './deps.ts';
import { look } from './look.ts';
import { outcomeOfEnd, outcomeOfError } from './outcome.ts';
import { safePoint, startProgress, step, type Progress } from './progress.ts';
import { read } from './read.ts';
import { rollback } from './rollback.ts';

/**
 * Works on one host from connecting to the outcome, and never throws. What can get better is tried again, up to
 * the switch; the switch and the checks never are.
 */
export async function visitHost(task: Task, deps: Deps): Promise<Outcome> {
  const progress = startProgress(task);
  const last: Attempt = {};
  try {
    await pRetry(() => attempt(last, () => visit(task, deps, progress)), {
      retries: Math.max(0, task.retries.attempts - 1),
      minTimeout: task.retries.backoff,
      maxTimeout: task.retries.maxBackoff,
      randomize: true,
      signal: AbortSignal.any([deps.signal, progress.deadline]),
      shouldRetry: (context) => worthAnother(context, progress),
    });
  } catch (error) {
    const told = progress.switched && 'fault' in last ? last.fault : error;
    if (!last.end) return outcomeOfError(asked(told, deps, progress), task, progress);
  }
  return outcomeOfEnd(task, progress, last.end?.unchanged ?? false);
}

/** How the last attempt ended. */
interface Attempt {
  end?: { unchanged: boolean };
  fault?: unknown;
}

/** One who asks to stop while the switch is under way is not what it ended with: that is kept here. */
async function attempt(last: Attempt, run: () => Promise<{ unchanged: boolean }>): Promise<void> {
  try {
    last.end = await run();
  } catch (error) {
    last.fault = error;
    throw error;
  }
}

async function visit(task: Task, deps: Deps, progress: Progress): Promise<{ unchanged: boolean }> {
  safePoint(progress, deps);
  progress.attempts += 1;
  await using transport = await step('connect', deps, () => deps.connect());
  return await work(transport, task, deps, progress);
}

async function work(
  transport: Transport,
  task: Task,
  deps: Deps,
  progress: Progress,
): Promise<{ unchanged: boolean }> {
  switch (task.task) {
    case 'forward':
      return converge(transport, task, deps, progress);
    case 'rollback':
      return rollback(transport, task, deps, progress);
    case 'probe':
      await look(transport, task, deps, progress);
      return { unchanged: false };
    case 'bake':
      await checkAgain(transport, task, deps, progress);
      return { unchanged: false };
    case 'read':
      await read(transport, task, deps, progress);
      return { unchanged: false };
    default:
      return task.task satisfies never;
  }
}

function worthAnother({ error }: RetryContext, progress: Progress): boolean {
  return (
    !progress.switched && isGofleetError(error) && error.retryable && error.code !== 'checksum'
  );
}

/** Where the work was cut short because it was asked to, that is the reason, whatever broke. */
function asked(error: unknown, deps: Deps, progress: Progress): unknown {
  if (progress.switched && !progress.deadline.aborted) return error;
  if (isGofleetError(error) && !['cut', 'timeout'].includes(error.code)) return error;
  try {
    safePoint(progress, deps);
    return toGofleetError(error);
  } catch (reason) {
    return reason;
  }
}
