import type { Decision } from '../view/decision.ts';
import type { Reason } from '../view/states.ts';
import type { Instant } from '../view/view.ts';

/** Nothing is to be done until the earliest of these instants, or until something happens. */
export function wait(reason: Reason | undefined, ...instants: (Instant | undefined)[]): Decision {
  const due = instants.filter((instant) => instant !== undefined);
  return { kind: 'wait', until: due.length > 0 ? Math.min(...due) : undefined, reason };
}
