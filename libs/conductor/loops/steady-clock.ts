import type { Clock } from '../ports.ts';

/** The wall clock as it was, carried on by the monotonic one: nothing sets it but `follow`. */
export interface SteadyClock extends Clock {
  /** Milliseconds by which the wall clock is ahead. */
  drift(): number;
  /** Takes the time of the wall clock over. */
  follow(): void;
}

/**
 * A clock whose instants can be subtracted. When the wall clock is set, every instant that is stored has to move with
 * it before anything is decided by the new time; until then this one shows the old.
 */
export function steadyClock(clock: Clock): SteadyClock {
  let offset = clock.now() - clock.monotonic();
  return {
    now: () => Math.round(clock.monotonic() + offset),
    monotonic: () => clock.monotonic(),
    after: (delay, call) => clock.after(delay, call),
    drift: () => clock.now() - clock.monotonic() - offset,
    follow() {
      offset = clock.now() - clock.monotonic();
    },
  };
}
