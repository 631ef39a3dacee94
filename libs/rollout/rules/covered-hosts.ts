import { countsAsFailed } from './budgets.ts';
import type { HostSelection } from '../view/change.ts';
import type { BatchView, RolloutView, StandingTrip } from '../view/view.ts';

/** The hosts whose failures a trip counts: of its scope, and of the kind that its budget is about. */
export function coveredHosts(
  view: Pick<RolloutView, 'batches' | 'strategy'>,
  trip: Pick<StandingTrip, 'batch' | 'scope' | 'reason' | 'signature'>,
): HostSelection[] {
  const within = view.batches.filter(
    ({ number }) => trip.scope === 'rollout' || number === trip.batch,
  );
  const { code } = trip.reason;
  if (trip.signature !== undefined) return [{ signature: trip.signature, counted: true }];
  if (code === 'failure_budget') return failedHosts(view, within);
  if (code === 'unreachable_budget') return select(within, ['unreachable']);
  return code === 'batch_failed' ? select(within, ['failed', 'lost', 'unreachable']) : [];
}

function failedHosts(
  { strategy }: Pick<RolloutView, 'strategy'>,
  within: BatchView[],
): HostSelection[] {
  const together = within.filter((batch) => countsAsFailed(batch, strategy));
  const apart = within.filter((batch) => !countsAsFailed(batch, strategy));
  return [
    ...select(together, ['failed', 'lost', 'unreachable']),
    ...select(apart, ['failed', 'lost']),
  ];
}

function select(
  within: BatchView[],
  outcomes: NonNullable<HostSelection['outcomes']>,
): HostSelection[] {
  const batches = within.map(({ number }) => number);
  return batches.length > 0 ? [{ batches, outcomes, counted: true }] : [];
}
