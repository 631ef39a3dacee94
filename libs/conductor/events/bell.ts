import type { Milliseconds } from '#units';
import type { Clock } from '../ports.ts';

/** Wakes all who wait for news. */
export interface Bell {
  ring(): void;
  /** Resolves at the next ring, after a while, or when the signal aborts. */
  heard(signal: AbortSignal, longest: Milliseconds): Promise<void>;
}

export function createBell(clock: Clock): Bell {
  const waiting = new Set<() => void>();
  return {
    ring() {
      const all = [...waiting];
      waiting.clear();
      for (const wake of all) wake();
    },
    async heard(signal, longest) {
      if (signal.aborted) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      const callOff = clock.after(longest, resolve);
      waiting.add(resolve);
      signal.addEventListener('abort', () => resolve(), { once: true });
      await promise;
      waiting.delete(resolve);
      callOff();
    },
  };
}
