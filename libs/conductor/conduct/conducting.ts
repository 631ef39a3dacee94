import { FINAL_STATES } from '#rollout';
import type { Engine } from '../engine.ts';
import { step } from './step.ts';

/** The loops, one a rollout at a time. */
export interface Conducting {
  wake(rollout: string): void;
  wakeAll(): void;
  /** No loop turns and none has to. */
  idle(): Promise<void>;
  stop(): Promise<void>;
}

const AFTER_FAULT = 1000;

interface Loop {
  /** Something happened since the view was taken. */
  dirty: boolean;
  turning: Promise<void> | undefined;
  callOff: () => void;
}

/** Wakes of one rollout coalesce: while its loop turns they only mark it dirty. */
export function createConducting(engine: Engine): Conducting {
  const loops = new Map<string, Loop>();
  const ending = new AbortController();

  function wake(rollout: string): void {
    if (ending.signal.aborted) return;
    const loop = loops.get(rollout) ?? { dirty: false, turning: undefined, callOff: () => {} };
    loops.set(rollout, loop);
    loop.dirty = true;
    loop.turning ??= turn(rollout, loop);
  }

  async function turn(rollout: string, loop: Loop): Promise<void> {
    loop.callOff();
    let until: number | undefined;
    while (loop.dirty && !ending.signal.aborted) {
      loop.dirty = false;
      until = await conduct(rollout, loop);
    }
    loop.turning = undefined;
    if (ending.signal.aborted || until === undefined) return;
    const delay = Math.max(1, until - engine.clock.now());
    loop.callOff = engine.clock.after(Math.min(delay, 3_600_000), () => wake(rollout));
  }

  /** One step; when it did something the next look follows at once. */
  async function conduct(rollout: string, loop: Loop): Promise<number | undefined> {
    try {
      const result = await step(engine, rollout);
      if (!result.done) return result.until;
      loop.dirty = true;
      return undefined;
    } catch (error) {
      engine.log.error({ rollout, error }, 'conducting failed, it is tried again');
      return engine.clock.now() + AFTER_FAULT;
    }
  }

  async function wakeAll(): Promise<void> {
    const rows = await engine.ledger.read((queries) =>
      queries
        .selectFrom('rollouts')
        .select('id')
        .where('state', 'not in', [...FINAL_STATES])
        .limit(1000)
        .execute(),
    );
    for (const { id } of rows) wake(id);
  }

  const waking = new Set<Promise<void>>();
  const turning = () =>
    [...loops.values()].map((loop) => loop.turning).filter((each) => each !== undefined);
  return {
    wake,
    wakeAll() {
      const all = wakeAll().catch((error: unknown) =>
        engine.log.error({ error }, 'waking all rollouts failed'),
      );
      waking.add(all);
      void all.finally(() => waking.delete(all));
    },
    async idle() {
      for (;;) {
        const all = [...waking, ...turning()];
        if (all.length === 0) return;
        await Promise.all(all);
      }
    },
    async stop() {
      ending.abort();
      for (const loop of loops.values()) loop.callOff();
      await Promise.all([...waking, ...turning()]);
    },
  };
}
