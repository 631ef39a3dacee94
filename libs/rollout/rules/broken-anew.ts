import type { Tally } from './budgets.ts';
import type { RolloutView } from '../view/view.ts';

/**
 * While a trip stands, the failures that it counted are aside. While a retry that answered one is on its way, a budget
 * that the failures left over exceed by themselves is judged when the retried hosts have ended.
 */
export function isBrokenAnew(
  view: RolloutView,
  { covered, open }: Pick<Tally, 'covered' | 'open'>,
  tolerance: number,
): boolean {
  if (view.trips.length > 0) return open - covered > tolerance;
  if (isRetrying(view) && covered > tolerance) return false;
  return open > tolerance;
}

/** Hosts that a retry set back have not all ended. */
export function isRetrying(view: RolloutView): boolean {
  return view.batches.some((batch) => batch.counts.retrying > 0);
}
