import { setTimeout as sleep } from 'node:timers/promises';
import { isGofleetError, toGofleetError } from '#errors';
import type { Logger } from 'pino';

const FIRST_PAUSE = 200;
const LONGEST_PAUSE = 5000;

/** Asks again while the controller does not answer; every other error is the caller's. */
export async function untilAnswered<T>(
  ask: () => Promise<T>,
  { signal, log }: { signal: AbortSignal; log: Logger },
): Promise<T> {
  for (let pause = FIRST_PAUSE; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
    try {
      return await ask();
    } catch (error) {
      if (signal.aborted || !isGofleetError(error) || !error.retryable) throw error;
      log.warn({ message: toGofleetError(error).message, pause }, 'the controller does not answer');
    }
    await sleep(pause, undefined, { signal });
  }
}
