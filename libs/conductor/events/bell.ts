import type { Milliseconds } from '#units';
import type { Clock } from '../ports.ts';

/** Wakes all who wait for news. */
export interface Bell {
  ring(): void;
  /** How often it rang: who looks for news remembers it first, so that no ring in between is missed. */
  readonly rings: number;
  /** Resolves when it has rung more often than that, after a while, or when the signal aborts. */
  heard(signal: AbortSignal, longest: Milliseconds, rings: number): Promise<void>;
}

export function createBell(clock: Clock): Bell {
  const waiting = new Set<() => void>();
  let rings = 0;
  return {
    get rings() {
      return rings;
    },
    ring() {
      rings++;
      const all = [...waiting];
      waiting.clear();
      for (const wake of all) wake();
    },
    async heard(signal, longest, known) {
      if (signal.aborted || known !== rings) return;
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
