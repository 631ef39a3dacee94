import type { Clock } from '#conductor';
import type { Milliseconds } from '#units';

/** A clock as one process sees it, and that process's end. */
export interface ProcessClock extends Clock {
  readonly alive: boolean;
  /** Resolves after a while, unless the process dies before. */
  sleep(delay: Milliseconds): Promise<void>;
  /** As `after`, for what comes again and again and is no event. */
  beat(delay: Milliseconds, call: () => void): () => void;
  /** Called when the process dies; the result calls it off. */
  atDeath(call: () => void): () => void;
  /** No timer of the process fires any more. */
  kill(): void;
}

/** Time that moves only when it is told to. */
export interface VirtualClock extends Clock {
  /** The instant of the next timer, in monotonic time; undefined where there is none. */
  next(): number | undefined;
  /** The same without the ticks of the controller. */
  nextBeat(): number | undefined;
  /** The same without ticks and beats, which come again and again: of those that wait for something. */
  nextEvent(): number | undefined;
  /** Moves on to the next timer, or to `until` if that is later, and lets the one that is due first fire. */
  fire(until?: number): void;
  /** Moves on without letting any timer fire, as if everything had stood still. */
  stall(by: Milliseconds): void;
  /** Sets the wall clock; the monotonic one goes on. */
  step(by: Milliseconds): void;
  /** `ticks`: its timers of one second come again and again, and are no event. */
  process(ticks?: boolean): ProcessClock;
}

/** `tick`: the controller looks around; `beat`: a worker says that it is there; `event`: something was waited for. */
type Kind = 'tick' | 'beat' | 'event';

interface Timer {
  at: number;
  order: number;
  kind: Kind;
  call: () => void;
  off: boolean;
}

/** The controller looks around this often; nothing that is waited for comes with such a timer. */
const TICK = 1000;

/** Timers fire in the order of their instants, equal ones in the order in which they were set. */
export function createClock(start: number): VirtualClock {
  let elapsed = 0;
  let wall = start;
  let order = 0;
  const timers: Timer[] = [];

  function set(delay: Milliseconds, kind: Kind, call: () => void): Timer {
    const timer = { at: elapsed + Math.max(0, delay), order: order++, kind, call, off: false };
    let at = timers.length;
    for (; at > 0; at--) {
      const before = timers[at - 1];
      if (
        before &&
        (before.at < timer.at || (before.at === timer.at && before.order < timer.order))
      )
        break;
    }
    timers.splice(at, 0, timer);
    return timer;
  }

  function first(): Timer | undefined {
    while (timers[0]?.off) timers.shift();
    return timers[0];
  }

  function plain(kind: (delay: Milliseconds) => Kind, own?: Set<Timer>): Clock['after'] {
    return (delay, call) => {
      const timer = set(delay, kind(delay), () => {
        own?.delete(timer);
        call();
      });
      own?.add(timer);
      return () => {
        timer.off = true;
        own?.delete(timer);
      };
    };
  }

  const clock: VirtualClock = {
    now: () => wall + elapsed,
    monotonic: () => elapsed,
    after: plain(() => 'event'),
    next: () => first()?.at,
    nextBeat: () => timers.find(({ kind, off }) => kind !== 'tick' && !off)?.at,
    nextEvent: () => timers.find(({ kind, off }) => kind === 'event' && !off)?.at,
    fire(until = 0) {
      const timer = first();
      if (!timer) return;
      timers.shift();
      elapsed = Math.max(elapsed, timer.at, until);
      timer.call();
    },
    stall(by) {
      elapsed += by;
    },
    step(by) {
      wall += by;
    },
    process(ticks = false) {
      const own = new Set<Timer>();
      const last = new Set<() => void>();
      let alive = true;
      const after = plain((delay) => (ticks && delay === TICK ? 'tick' : 'event'), own);
      return {
        get alive() {
          return alive;
        },
        now: () => clock.now(),
        monotonic: () => clock.monotonic(),
        after: (delay, call) => (alive ? after(delay, call) : () => undefined),
        beat: (delay, call) => (alive ? plain(() => 'beat', own)(delay, call) : () => undefined),
        sleep(delay) {
          return new Promise((resolve) => {
            if (alive) after(delay, resolve);
          });
        },
        atDeath(call) {
          last.add(call);
          return () => last.delete(call);
        },
        kill() {
          alive = false;
          for (const timer of own) timer.off = true;
          own.clear();
          for (const call of last) call();
          last.clear();
        },
      };
    },
  };
  return clock;
}
