import { setTimeout as sleep } from 'node:timers/promises';
import { isGofleetError, toGofleetError } from '#errors';

const FIRST_PAUSE = 200;
/** A controller that was started again is heard of within its 5 s, however long it was away. */
const LONGEST_PAUSE = 2000;

/** Asks again while the controller does not answer, and says so each time; every other error is the caller's. */
export async function untilAnswered<T>(
  ask: () => Promise<T>,
  signal: AbortSignal,
  say: (message: string) => void,
): Promise<T> {
  for (let pause = FIRST_PAUSE; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
    try {
      return await ask();
    } catch (error) {
      if (signal.aborted || !isGofleetError(error) || !error.retryable) throw error;
      say(toGofleetError(error).message);
    }
    await sleep(pause, undefined, { signal });
  }
}
