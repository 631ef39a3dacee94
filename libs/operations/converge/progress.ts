import { GofleetError, toGofleetError } from '#errors';
import type { Facts } from '../host/facts.ts';
import type { Task, TreeReading } from '../task.ts';
import type { Deps } from './deps.ts';

/** What one task has come to, over all its attempts. */
export interface Progress {
  attempts: number;
  bytesSent: number;
  /** The switch began: from here on nothing is repeated and nothing is stopped. */
  switched: boolean;
  before: Facts | undefined;
  after: Facts | undefined;
  /** Of a reading that hashes them. */
  trees?: TreeReading[];
  /** Ended by our own clock: over the time for the whole host. */
  deadline: AbortSignal;
}

export function startProgress(task: Task): Progress {
  return {
    attempts: 0,
    bytesSent: 0,
    switched: false,
    before: undefined,
    after: undefined,
    deadline: AbortSignal.timeout(task.timeouts.host),
  };
}

/** A safe point: throws `stopped` when the task was asked to stop, `deadline` when its time is over. */
export function safePoint(progress: Progress, deps: Deps): void {
  if (deps.signal.aborted)
    throw new GofleetError('stopped', 'stopped at a safe point as asked', {
      remedy: 'Resume the rollout; what was uploaded is kept.',
      details: { reason: String(deps.signal.reason) },
    });
  if (progress.deadline.aborted)
    throw new GofleetError('deadline', 'the time for the whole host is over', {
      remedy: 'Look what was slow in the steps of the host, or raise `timeouts.host`.',
    });
}

/** Runs one step and tells how it went. */
export async function step<T>(
  name: string,
  deps: Deps,
  run: () => Promise<T>,
  detail?: (result: T) => string | undefined,
): Promise<T> {
  const now = deps.now ?? (() => new Date());
  const at = now();
  const record = (ok: boolean, text: string | undefined) =>
    deps.report.step({
      name,
      at: at.toISOString(),
      ms: Math.max(0, now().getTime() - at.getTime()),
      ok,
      detail: text,
    });
  try {
    const result = await run();
    record(true, detail?.(result));
    return result;
  } catch (error) {
    const { code, message } = toGofleetError(error);
    record(false, `${code}: ${message}`);
    throw error;
  }
}
