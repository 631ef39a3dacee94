import type { Clock } from '#conductor';

/** A clock that stands still until a test moves it; timers fire in order, each at its own instant. */
export interface FakeClock extends Clock {
  /** Moves on by so many milliseconds; `settled` is awaited after each timer. */
  advance(by: number, settled: () => Promise<void>): Promise<void>;
  /** Moves on without letting any timer fire in between, as if the process had stood still. */
  stall(by: number): void;
  /** Somebody sets the wall clock, ahead or back; the monotonic one goes on as it was. */
  set(by: number): void;
}

interface Timer {
  at: number;
  call: () => void;
}

export function createFakeClock(start = Date.UTC(2026, 5, 1)): FakeClock {
  let elapsed = 0;
  let wall = start;
  const timers = new Set<Timer>();
  const next = () => [...timers].toSorted((a, b) => a.at - b.at)[0];
  return {
    now: () => wall + elapsed,
    monotonic: () => elapsed,
    after(delay, call) {
      const timer = { at: elapsed + delay, call };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    async advance(by, settled) {
      const target = elapsed + by;
      await settled();
      for (let timer = next(); timer && timer.at <= target; timer = next()) {
        elapsed = Math.max(elapsed, timer.at);
        timers.delete(timer);
        timer.call();
        await settled();
      }
      elapsed = target;
      await settled();
    },
    stall(by) {
      elapsed += by;
    },
    set(by) {
      wall += by;
    },
  };
}
