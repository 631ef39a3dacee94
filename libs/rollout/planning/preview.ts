import type { PlannedBatch } from './plan-rollout.ts';
import type { Strategy } from '../view/view.ts';

/** The largest number of hosts that a batch can hurt before its gate stops the rollout. */
export interface Radius {
  batch: number;
  /** Hosts that are changed before its gate is judged: all of it. */
  touched: number;
  /** Hosts that fail before it trips, those at work at that moment included. */
  hurt: number;
  /** Failures beyond the one that trips: hosts that were at work already. */
  overshoot: number;
}

type Numbers = Pick<Strategy, 'concurrency' | 'strict'>;

/** The worst case: every host fails, and as late as possible. Strict: nobody is at work beyond what trips. */
export function radiusOf({ concurrency, strict }: Numbers, batch: PlannedBatch): Radius {
  const { number, size } = batch;
  const tripsAt = Math.min(batch.tripsAt, size);
  const overshoot = strict ? 0 : Math.min(concurrency - 1, size - tripsAt);
  return { batch: number, touched: size, hurt: tripsAt + overshoot, overshoot };
}
