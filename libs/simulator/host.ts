import type { Lot } from './faults.ts';

/** What must never happen to a host, and did. */
export interface Violation {
  host: string;
  what: string;
}

/** One switch that happened. */
export interface Switch {
  at: number;
  worker: string;
  epoch: number;
  rollout: string;
  direction: 'forward' | 'back';
}

/**
 * A host as every script of gofleet meets it: a lock, the fleet and the epoch that were there last, the version that is
 * active and what was there before each rollout.
 */
export interface SimulatedHost {
  readonly name: string;
  readonly lot: Lot;
  readonly switches: Switch[];
  /** The rollout whose version is active; undefined: what was there at the start. */
  readonly active: string | undefined;
  readonly epoch: number;
  /** Resolves when the lock is had; the result gives it back. */
  lock(): Promise<() => void>;
  /** The first script of a claim. False where the host has seen a greater epoch (exit 75). */
  enter(fleet: string, epoch: number): boolean;
  /** Whether a later script of the claim may run: the host still reads its epoch. */
  owns(epoch: number): boolean;
  /** What was active before the first change of a rollout; undefined where that changed nothing. */
  before(rollout: string): { active: string | undefined } | undefined;
  /** The rename. */
  switch(done: Switch): void;
}

export function createHost(
  name: string,
  lot: Lot,
  complain: (violation: Violation) => void,
): SimulatedHost {
  const switches: Switch[] = [];
  const before = new Map<string, { active: string | undefined }>();
  const waiting: (() => void)[] = [];
  let locked = false;
  let seen: { fleet: string; epoch: number } | undefined;
  let active: string | undefined;

  function release(): void {
    const next = waiting.shift();
    if (next) next();
    else locked = false;
  }

  return {
    name,
    lot,
    switches,
    get active() {
      return active;
    },
    get epoch() {
      return seen?.epoch ?? 0;
    },
    async lock() {
      if (locked) await new Promise<void>((resolve) => waiting.push(resolve));
      locked = true;
      return release;
    },
    enter(fleet, epoch) {
      if (seen && (seen.fleet !== fleet || epoch < seen.epoch)) return false;
      seen = { fleet, epoch };
      return true;
    },
    owns: (epoch) => seen?.epoch === epoch,
    before: (rollout) => before.get(rollout),
    switch(done) {
      const { rollout, direction } = done;
      const last = switches.findLast((each) => each.rollout === rollout);
      if (last?.direction === direction)
        complain({ host: name, what: `was switched ${direction} twice by ${rollout}` });
      if (direction === 'forward' && !before.has(rollout)) before.set(rollout, { active });
      active = direction === 'forward' ? rollout : before.get(rollout)?.active;
      switches.push(done);
    },
  };
}
