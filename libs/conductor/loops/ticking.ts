import type { Engine } from '../engine.ts';
import { tell } from '../events/tell.ts';
import { redeliver } from '../outbox/invite.ts';
import { expireLeases, extendLeases } from '../claims/leases.ts';
import { takeBackFromSilentSites } from '../claims/silent-sites.ts';
import { giveUpReadings } from '../readings/give-up.ts';
import { applyRecoveries } from '../recovery/apply.ts';
import { shiftInstants } from './shift-instants.ts';
import type { SteadyClock } from './steady-clock.ts';
import { trim } from './trim.ts';

const EVERY = 1000;
/** A longer gap between two ticks is a stall of our own, in which nobody could renew a lease. */
const STALL = 5000;
/** A larger step of the wall clock is told. */
const CLOCK_STEP = 60_000;
/** A smaller one between two ticks is what keeping the clock right comes to: intervals bear it. */
const SLEW = 500;
const REDELIVER_EVERY = 2;
const TRIM_EVERY = 600;
/** Whatever was to wake a rollout and did not. */
const WAKE_EVERY = 10;

/** What has to be looked at every now and then. */
export interface Ticking {
  idle(): Promise<void>;
  stop(): Promise<void>;
}

export function startTicking(engine: Engine, clock: SteadyClock): Ticking {
  let last = clock.monotonic();
  let count = 0;
  /** Whoever took the time before the clock was set may still write it down. */
  let wasSet = false;
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
    const gap = clock.monotonic() - last;
    last = clock.monotonic();
    count++;
    const isSet = await followWallClock(engine, clock);
    if (gap > STALL || isSet || wasSet) await afterStall(engine, gap);
    else await expireLeases(engine);
    wasSet = isSet;
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

async function afterStall(engine: Engine, gap: number): Promise<void> {
  engine.log.warn({ gap }, 'the controller stood still or its clock was set; leases go on');
  await extendLeases(engine, gap);
  engine.wakeAll();
}

/** True where the wall clock was set: by then all that is stored was moved with it, in the same transaction. */
async function followWallClock(engine: Engine, clock: SteadyClock): Promise<boolean> {
  if (Math.abs(clock.drift()) <= SLEW) {
    clock.follow();
    return false;
  }
  await engine.write(async (queries) => {
    const step = Math.round(clock.drift());
    await shiftInstants(queries, step);
    clock.follow();
    if (Math.abs(step) <= CLOCK_STEP) return;
    const message = `the wall clock was set by ${Math.round(step / 1000)} seconds`;
    const details = { code: 'clock', message };
    await tell(queries, clock.now(), { type: 'alert', rollout: null, details });
    engine.log.warn({ step }, message);
  });
  return true;
}
