import type { GofleetError } from '#errors';
import type { Moment } from '../view/asking.ts';
import { isOpen } from '../rules/budgets.ts';
import type { Change } from '../view/change.ts';
import type { NamedHost } from '../view/host.ts';
import { conflict } from './refusals.ts';
import { resumed } from './resumed.ts';
import type { HostState } from '../view/states.ts';
import { hasEnded } from '../rules/trip.ts';
import { RETRYABLE_STATES, type Asked } from './verbs.ts';
import type { BatchView, RolloutView } from '../view/view.ts';

/**
 * Sets some hosts back. While running they go before anything new; while paused it is a resume for these only: when
 * they have ended the gates of their batches are judged again, the other failures still counted.
 */
export function planRetry(
  view: Moment,
  { states }: Asked<'retry'>,
  named: readonly NamedHost[],
): Change {
  const chosen = states ? byState(view, states) : byName(view, named);
  const shut = new Set(chosen.batches);
  const change = resumed(view, (batch) => shut.has(batch.number));
  return {
    ...change,
    hosts: [{ select: chosen.select, set: 'retry' }, ...leftOver(view), ...change.hosts],
  };
}

/** States that `resume {mode: retry}` takes; `rollback_failed` only when it is named. */
const AGAIN = RETRYABLE_STATES.filter((state) => state !== 'rollback_failed');

/** Every planned host of the batches so far that has not succeeded, and is not skipped, goes again. */
export function retryAll(view: RolloutView): Change {
  const started = view.batches.filter((batch) => batch.startedAt !== undefined);
  const again = started.filter((batch) => hostsIn(batch, AGAIN) > 0);
  const numbers = new Set(again.map(({ number }) => number));
  const change = resumed(
    view,
    (batch) => numbers.has(batch.number) || (isOpen(batch) && !hasEnded(batch)),
  );
  const select = { states: [...AGAIN], batches: [...numbers] };
  return numbers.size === 0
    ? change
    : { ...change, hosts: [{ select, set: 'retry' }, ...leftOver(view), ...change.hosts] };
}

/** What a retry after a trip leaves over stays counted, but is judged only when the retried hosts have ended. */
function leftOver(view: RolloutView): Change['hosts'] {
  return view.trips.length > 0 ? [{ select: { counted: true }, set: 'cover' }] : [];
}

function hostsIn(batch: BatchView, states: readonly HostState[]): number {
  return states.reduce((sum, state) => sum + batch.counts.states[state], 0);
}

interface Chosen {
  batches: number[];
  select: Change['hosts'][number]['select'];
}

function byState(view: Moment, states: readonly HostState[]): Chosen {
  const batches = view.batches.filter((batch) => hostsIn(batch, states) > 0);
  if (batches.length === 0)
    throw conflict(view, `no host is ${states.join(' or ')}`, {
      remedy: 'Look at the hosts of the rollout and name other states.',
    });
  return { batches: batches.map(({ number }) => number), select: { states: [...states] } };
}

function byName(view: Moment, named: readonly NamedHost[]): Chosen {
  const wrong = named.filter(({ state }) => !isRetryable(state) && !isOnItsWay(state));
  const chosen = named.filter(({ state }) => isRetryable(state));
  if (wrong.length > 0 || chosen.length === 0) throw notRetryable(view, wrong, named);
  return {
    batches: [...new Set(chosen.map(({ batch }) => batch))],
    select: { numbers: chosen.map(({ number }) => number), states: [...RETRYABLE_STATES] },
  };
}

function isRetryable(state: HostState): boolean {
  return (RETRYABLE_STATES as readonly HostState[]).includes(state);
}

function isOnItsWay(state: HostState): boolean {
  return state === 'pending' || state === 'queued' || state === 'running';
}

function notRetryable(
  view: Moment,
  wrong: readonly NamedHost[],
  named: readonly NamedHost[],
): GofleetError {
  const shown = (wrong.length > 0 ? wrong : named).slice(0, 5);
  const list = shown.map(({ name, state }) => `${name} (${state})`).join(', ');
  return conflict(view, `nothing to retry on ${list}`, {
    remedy: `Name hosts that are ${RETRYABLE_STATES.join(', ')}.`,
    details: { hosts: shown.map(({ name, state }) => ({ name, state })) },
  });
}
