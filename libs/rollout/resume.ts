import type { GofleetError } from '#errors';
import { conflict, invalidRequest } from './refusals.ts';
import { coveredHosts } from './covered-hosts.ts';
import { isOpen } from './budgets.ts';
import type { BatchChange, Change } from './change.ts';
import type { NamedHost } from './host.ts';
import { stay } from './roll-back.ts';
import type { HostState } from './states.ts';
import { hasEnded } from './trip.ts';
import { RETRYABLE_STATES, type Verb } from './verbs.ts';
import type { BatchView, RolloutView, StandingTrip } from './view.ts';

type Asked<K extends Verb['kind']> = Extract<Verb, { kind: K }>;

/** Goes on after a pause or a trip. Where a gate tripped, a person must say how. */
export function planResume(view: RolloutView, verb: Asked<'resume'>): Change {
  const trip = view.trips.at(-1);
  if (trip && verb.mode === undefined) throw modeMissing(trip);
  if (verb.mode === 'retry') {
    if (verb.acknowledge !== undefined) throw acknowledgeTooMuch();
    return retryAll(view);
  }
  return trip ? goOn(view, trip, verb.acknowledge) : goOnUntripped(view, verb.acknowledge);
}

/**
 * Sets some hosts back. While running they go before anything new; while paused it is a resume for these only: when
 * they have ended the gates of their batches are judged again, the other failures still counted.
 */
export function planRetry(
  view: RolloutView,
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

/** What a retry after a trip leaves over stays counted, but is judged only when the retried hosts have ended. */
function leftOver(view: RolloutView): Change['hosts'] {
  return view.trips.length > 0 ? [{ select: { counted: true }, set: 'cover' }] : [];
}

/** States that `resume {mode: retry}` takes; `rollback_failed` only when it is named. */
const AGAIN = RETRYABLE_STATES.filter((state) => state !== 'rollback_failed');

function retryAll(view: RolloutView): Change {
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

/** The failures of the trips up to the acknowledged one leave the numerators. */
function goOn(view: RolloutView, trip: StandingTrip, acknowledge: number | undefined): Change {
  if (acknowledge === undefined) throw acknowledgeMissing(trip);
  if (acknowledge !== trip.decision) throw otherTrip(view, trip, acknowledge);
  const change = resumed(view, () => false);
  const acknowledged = view.trips.flatMap((each) => coveredHosts(view, each));
  return {
    ...change,
    batches: change.batches.map((batch) => ({ ...batch, waive: waived(view, batch.number) })),
    hosts: [
      ...acknowledged.map((select) => ({
        select: { ...select, coveredUpTo: acknowledge },
        set: 'acknowledge' as const,
      })),
      ...change.hosts,
    ],
  };
}

function goOnUntripped(view: RolloutView, acknowledge: number | undefined): Change {
  if (acknowledge !== undefined)
    throw conflict(view, `decision ${acknowledge} is no trip that stands`, {
      remedy: 'Nothing has tripped since the last resume: leave `acknowledge` out.',
    });
  return resumed(view, () => false);
}

/**
 * Acknowledging `batch_failed` or `deadline` lets the batch pass that rule. So does acknowledging any trip of a batch
 * that has nothing left to do and no success: the person has seen all of it.
 */
function waived(view: RolloutView, number: number): NonNullable<BatchChange['waive']> {
  const batch = view.batches.find((each) => each.number === number);
  const codes = view.trips.filter((trip) => trip.batch === number).map((trip) => trip.reason.code);
  if (!batch || codes.length === 0) return [];
  const seen = hasEnded(batch) && batch.counts.succeeded === 0;
  return [
    ...(codes.includes('batch_failed') || seen ? ['batch_failed' as const] : []),
    ...(codes.includes('deadline') ? ['deadline' as const] : []),
  ];
}

/** What every resume does; gates of batches that get hosts back are shut and judged anew. */
function resumed(view: RolloutView, isShut: (batch: BatchView) => boolean): Change {
  const batches = view.batches
    .filter((batch) => isShut(batch) || isOpen(batch))
    .map((batch) => ({
      number: batch.number,
      state: 'running' as const,
      ...(isShut(batch) ? { gate: 'shut' as const } : {}),
    }));
  return {
    ...stay(view),
    state: 'running',
    reason: undefined,
    answered: true,
    batches,
    hosts: [{ select: { states: ['cancelled'] }, set: 'revive' }],
  };
}

function hostsIn(batch: BatchView, states: readonly HostState[]): number {
  return states.reduce((sum, state) => sum + batch.counts.states[state], 0);
}

interface Chosen {
  batches: number[];
  select: Change['hosts'][number]['select'];
}

function byState(view: RolloutView, states: readonly HostState[]): Chosen {
  const batches = view.batches.filter((batch) => hostsIn(batch, states) > 0);
  if (batches.length === 0)
    throw conflict(view, `no host is ${states.join(' or ')}`, {
      remedy: 'Look at the hosts of the rollout and name other states.',
    });
  return { batches: batches.map(({ number }) => number), select: { states: [...states] } };
}

function byName(view: RolloutView, named: readonly NamedHost[]): Chosen {
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
  view: RolloutView,
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

function modeMissing(trip: StandingTrip): GofleetError {
  return invalidRequest(
    'mode',
    `a gate tripped (${trip.reason.message}), so a mode is required`,
    `Resume with mode retry, or with mode continue and acknowledge ${trip.decision}.`,
  );
}

function acknowledgeMissing(trip: StandingTrip): GofleetError {
  return invalidRequest(
    'acknowledge',
    `mode continue after a trip needs the number of the decision whose failures are accepted`,
    `Resume with acknowledge ${trip.decision} (${trip.reason.message}), or with mode retry.`,
  );
}

function acknowledgeTooMuch(): GofleetError {
  const message = 'mode retry runs the failed hosts again, so there is nothing to acknowledge';
  return invalidRequest(
    'acknowledge',
    message,
    'Leave `acknowledge` out, or resume with mode continue.',
  );
}

/** A newer trip stands than the one that the person has seen. */
function otherTrip(view: RolloutView, trip: StandingTrip, named: number): GofleetError {
  return conflict(view, `decision ${trip.decision} stands, not ${named}: ${trip.reason.message}`, {
    remedy: `Look at decision ${trip.decision}, then acknowledge that one or resume with mode retry.`,
    details: { trip: { decision: trip.decision, batch: trip.batch, reason: trip.reason } },
  });
}
