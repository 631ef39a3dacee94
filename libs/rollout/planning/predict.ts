import type { Milliseconds } from '#units';
import type { PlannedBatch } from './plan-rollout.ts';
import type { Instant, Strategy } from '../view/view.ts';
import { windowAt, type Zones } from '../rules/windows.ts';

/** What a prediction is made from besides the plan. */
export interface Pace {
  /** From when on it may start. */
  from: Instant;
  /** How long one host takes. */
  host: Milliseconds;
  /** Where windows are read: those of most hosts. */
  zones: Zones;
}

/** When a batch would be at work if nothing fails and nobody keeps it waiting. */
export interface PredictedBatch {
  number: number;
  startsAt: Instant;
  /** Its gate opens: after the bake. */
  endsAt: Instant;
}

/** One after the other, each in as many waves as the concurrency asks for. Undefined where no window ever opens. */
export function predict(
  strategy: Strategy,
  batches: readonly PlannedBatch[],
  pace: Pace,
): PredictedBatch[] | undefined {
  const predicted: PredictedBatch[] = [];
  let free = Math.max(pace.from, strategy.startAt ?? pace.from);
  for (const batch of batches) {
    const worked = work(strategy, wavesOf(strategy, batch), free, pace);
    if (!worked) return undefined;
    const endsAt = worked.endsAt + batch.bake;
    predicted.push({ number: batch.number, startsAt: worked.startsAt, endsAt });
    free = endsAt + batch.delay;
  }
  return predicted;
}

/** Strict starts no more hosts at once than failures are left; domains may allow fewer still. */
function wavesOf({ concurrency, strict }: Strategy, { size, tripsAt }: PlannedBatch): number {
  const atOnce = strict ? Math.min(concurrency, Math.max(1, tripsAt)) : concurrency;
  return Math.ceil(size / atOnce);
}

/** Waves start only while a window is open; what has started goes on. */
function work(
  { windows, hostTimeout }: Strategy,
  waves: number,
  from: Instant,
  { host, zones }: Pace,
): { startsAt: Instant; endsAt: Instant } | undefined {
  let left = waves;
  let now = from;
  let startsAt: Instant | undefined;
  while (left > 0) {
    const { open, opensAt, shutsAt = Infinity } = windowAt(windows, zones, now, hostTimeout);
    if (!open) {
      if (opensAt === undefined) return undefined;
      now = opensAt;
      continue;
    }
    startsAt ??= now;
    const fitting = Math.min(left, Math.floor((shutsAt - now) / Math.max(1, host)) + 1);
    left -= fitting;
    now += fitting * host;
  }
  return { startsAt: startsAt ?? from, endsAt: now };
}
