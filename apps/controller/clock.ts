import { performance } from 'node:perf_hooks';
import type { Clock } from '#conductor';

/** Longer ones end at once in Node. */
const LONGEST = 2 ** 31 - 1;

/** The clocks of this machine. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after: (delay, call) => {
    const timer = setTimeout(call, Math.min(Math.max(delay, 0), LONGEST));
    return () => clearTimeout(timer);
  },
};
