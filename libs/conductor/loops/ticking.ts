import type { Engine } from '../engine.ts';
import { tell } from '../events/tell.ts';
import { redeliver } from '../outbox/invite.ts';
import { expireLeases, extendLeases } from '../claims/leases.ts';
import { takeBackFromSilentSites } from '../claims/silent-sites.ts';
import { giveUpReadings } from '../readings/give-up.ts';
import { applyRecoveries } from '../recovery/apply.ts';
import { trim } from './trim.ts';

const EVERY = 1000;
/** A longer gap between two ticks is a stall of our own, in which nobody could renew a lease. */
const STALL = 5000;
/** A larger step of the wall clock is told. */
const CLOCK_STEP = 60_000;
const REDELIVER_EVERY = 2;
const TRIM_EVERY = 600;
/** Whatever was to wake a rollout and did not. */
const WAKE_EVERY = 10;

/** What has to be looked at every now and then. */
export interface Ticking {
  idle(): Promise<void>;
  stop(): Promise<void>;
}

export function startTicking(engine: Engine): Ticking {
  const { clock } = engine;
  let last = { wall: clock.now(), monotonic: clock.monotonic() };
  let count = 0;
  let stopped = false;
  let turning: Promise<void> | undefined;
  let callOff = clock.after(EVERY, start);

  function start(): void {
    turning = tick()
      .catch((error: unknown) => engine.log.error({ error }, 'a tick failed, the next follows'))
      .finally(() => {
        turning = undefined;
        if (!stopped) callOff = clock.after(EVERY, start);
      });
  }

  async function tick(): Promise<void> {
    const gap = clock.monotonic() - last.monotonic;
    const step = clock.now() - last.wall - gap;
    last = { wall: clock.now(), monotonic: clock.monotonic() };
    count++;
    if (gap > STALL || Math.abs(step) > CLOCK_STEP) await afterStall(engine, gap, step);
    else await expireLeases(engine);
    await takeBackFromSilentSites(engine);
    await giveUpReadings(engine);
    await applyRecoveries(engine);
    if (count % REDELIVER_EVERY === 0) await redeliver(engine);
    if (count % TRIM_EVERY === 0) await trim(engine);
    if (count % WAKE_EVERY === 0) engine.wakeAll();
    engine.send();
  }

  return {
    idle: async () => turning,
    async stop() {
      stopped = true;
      callOff();
      await turning;
    },
  };
}

async function afterStall(engine: Engine, gap: number, step: number): Promise<void> {
  engine.log.warn({ gap, step }, 'the controller stood still or its clock was set; leases go on');
  await extendLeases(engine, gap + Math.max(0, step));
  engine.wakeAll();
  if (Math.abs(step) <= CLOCK_STEP) return;
  const message = `the wall clock was set by ${Math.round(step / 1000)} seconds`;
  await engine.write((queries) =>
    tell(queries, engine.clock.now(), {
      type: 'alert',
      rollout: null,
      details: { code: 'clock', message },
    }),
  );
}
