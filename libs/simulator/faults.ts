import type { Milliseconds } from '#units';
import { createRandom, type Random } from './random.ts';

/** How long something takes: half of all are below `p50`, nine of ten below `p90` (log-normal). */
export interface Spread {
  p50: Milliseconds;
  p90: Milliseconds;
}

/** What goes wrong with hosts, in shares of all, from 0 to 1. */
export interface Faults {
  /** Hosts that fail: one in four before anything is changed, the others by their checks after the switch. */
  failureRate: number;
  /** Hosts that do not answer. */
  unreachableRate: number;
  /** Hosts that take ten times as long. */
  slowRate: number;
  /** From connecting to the end of the checks. */
  durations: Spread;
  /** Share of hosts that fare as their whole failure domain does; the mean rates stay as they are. */
  correlation: number;
}

export const NO_FAULTS: Faults = {
  failureRate: 0,
  unreachableRate: 0,
  slowRate: 0,
  durations: { p50: 60_000, p90: 120_000 },
  correlation: 0,
};

/** What becomes of a host whenever it is worked on. */
export type Fate = 'well' | 'fails_before' | 'fails_check' | 'unreachable';

/** A host's share of luck, drawn once: working on it again ends alike. */
export interface Lot {
  fate: Fate;
  connect: Milliseconds;
  stage: Milliseconds;
  switch: Milliseconds;
  check: Milliseconds;
}

const SLOW = 10;
/** How the time that a host takes is spent. */
const PARTS = { connect: 0.02, stage: 0.73, switch: 0.05, check: 0.2 };

/** Depends on the seed and the names alone, not on when or how often a host is worked on. */
export function drawLot(
  seed: string,
  name: string,
  domain: string | undefined,
  faults: Faults,
): Lot {
  const own = createRandom(`${seed}/host/${name}`);
  const shared = domain !== undefined && own.chance(faults.correlation);
  const fate = fateOf(shared ? createRandom(`${seed}/domain/${domain}`) : own.fork('fate'), faults);
  const whole = own.duration(faults.durations) * (own.chance(faults.slowRate) ? SLOW : 1);
  const part = (share: number): number => Math.max(1, Math.round(whole * share));
  return {
    fate,
    connect: part(PARTS.connect),
    stage: part(PARTS.stage),
    switch: part(PARTS.switch),
    check: part(PARTS.check),
  };
}

function fateOf(random: Random, { failureRate, unreachableRate }: Faults): Fate {
  const drawn = random.next();
  if (drawn < unreachableRate) return 'unreachable';
  if (drawn < unreachableRate + failureRate / 4) return 'fails_before';
  return drawn < unreachableRate + failureRate ? 'fails_check' : 'well';
}
