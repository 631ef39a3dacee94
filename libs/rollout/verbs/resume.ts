import { GofleetError } from '#errors';
import type { Moment } from '../view/asking.ts';
import { rolloutFailures } from '../rules/budgets.ts';
import type { BatchChange, Change } from '../view/change.ts';
import { coveredHosts } from '../rules/covered-hosts.ts';
import { currentBatch } from '../view/current-batch.ts';
import { conflict, invalidRequest } from './refusals.ts';
import { resumed } from './resumed.ts';
import { retryAll } from './retry.ts';
import { conflicting } from '../rules/start.ts';
import { hasEnded } from '../rules/trip.ts';
import type { Asked } from './verbs.ts';
import type { StandingTrip } from '../view/view.ts';

/** Goes on after a pause or a trip. Where a gate tripped, a person must say how. */
export function planResume(view: Moment, verb: Asked<'resume'>): Change {
  const trip = view.trips.at(-1);
  requireFree(view);
  if (trip && verb.mode === undefined) throw modeMissing(trip);
  requireOnlyWithMode(verb);
  if (verb.mode === 'retry') return retryAll(view);
  if (verb.mode === 'skip-batch') return skipBatch(view, verb.batch);
  return trip ? goOn(view, trip, verb.acknowledge) : goOnUntripped(view, verb.acknowledge);
}

/** One that does not own its hosts takes them now. */
function requireFree(view: Moment): void {
  if (view.owned || !view.conflict) return;
  const { hosts, rollout } = view.conflict;
  throw new GofleetError('lock_conflict', conflicting(view.conflict).message, {
    remedy: `Wait until rollout ${rollout} has ended, or abort it, then resume.`,
    details: { rollout, hosts },
  });
}

function requireOnlyWithMode({ acknowledge, batch, mode }: Asked<'resume'>): void {
  if (batch !== undefined && mode !== 'skip-batch')
    throw invalidRequest('batch', '`batch` goes with mode skip-batch alone', 'Leave it out.');
  if (acknowledge === undefined || mode === undefined || mode === 'continue') return;
  throw invalidRequest(
    'acknowledge',
    `mode ${mode} needs nothing acknowledged`,
    'Leave `acknowledge` out, or resume with mode continue.',
  );
}

/** The failures of the trips up to the acknowledged one leave the numerators. */
function goOn(view: Moment, trip: StandingTrip, acknowledge: number | undefined): Change {
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

function goOnUntripped(view: Moment, acknowledge: number | undefined): Change {
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
function waived(view: Moment, number: number): NonNullable<BatchChange['waive']> {
  const batch = view.batches.find((each) => each.number === number);
  const codes = view.trips.filter((trip) => trip.batch === number).map((trip) => trip.reason.code);
  if (!batch || codes.length === 0) return [];
  const seen = hasEnded(batch) && batch.counts.succeeded === 0;
  return [
    ...(codes.includes('batch_failed') || seen ? ['batch_failed' as const] : []),
    ...(codes.includes('deadline') ? ['deadline' as const] : []),
  ];
}

/** What of a batch has not started never will; what failed in it is known. Hosts at work end and are judged. */
function skipBatch(view: Moment, asked: number | undefined): Change {
  const number = asked ?? view.trips.at(-1)?.batch ?? currentBatch(view)?.number ?? 0;
  const batch = view.batches.find((each) => each.number === number);
  if (!batch) throw noSuchBatch(view, number);
  if (batch.passedAt !== undefined)
    throw conflict(view, `the gate of batch ${number} has opened already`, {
      remedy: 'Name a batch that is still to come.',
    });
  requireRestTolerated(view, number);
  const change = resumed(view, () => false);
  return {
    ...change,
    batches: change.batches.map((each) =>
      each.number === number ? { ...each, waive: ['batch_failed', 'deadline'] } : each,
    ),
    hosts: [
      ...change.hosts,
      { select: { batches: [number], states: ['pending', 'queued'] }, set: 'skip' },
      { select: { batches: [number], counted: true }, set: 'acknowledge' },
    ],
  };
}

/** What failed in other batches is not answered by skipping this one. */
function requireRestTolerated(view: Moment, number: number): void {
  const trip = view.trips.findLast(({ scope }) => scope === 'rollout');
  const others = view.batches.filter((batch) => batch.number !== number);
  const { open } = rolloutFailures({ strategy: view.strategy, batches: others });
  if (!trip || open <= (view.strategy.maxFailures ?? Infinity)) return;
  throw conflict(view, `${open} hosts of other batches failed: ${trip.reason.message}`, {
    remedy: `Resume with mode retry, or with mode continue and acknowledge ${trip.decision}.`,
    details: { trip: { decision: trip.decision, batch: trip.batch, reason: trip.reason } },
  });
}

function noSuchBatch(view: Moment, number: number): GofleetError {
  const message = `there is no batch ${number}; the last is batch ${view.batches.length}`;
  return invalidRequest('batch', message, 'Name a batch of this rollout.');
}

function modeMissing(trip: StandingTrip): GofleetError {
  return invalidRequest(
    'mode',
    `a gate tripped (${trip.reason.message}), so a mode is required`,
    `Resume with mode retry or skip-batch, or with mode continue and acknowledge ${trip.decision}.`,
  );
}

function acknowledgeMissing(trip: StandingTrip): GofleetError {
  return invalidRequest(
    'acknowledge',
    `mode continue after a trip needs the number of the decision whose failures are accepted`,
    `Resume with acknowledge ${trip.decision} (${trip.reason.message}), or with mode retry.`,
  );
}

/** A newer trip stands than the one that the person has seen. */
function otherTrip(view: Moment, trip: StandingTrip, named: number): GofleetError {
  return conflict(view, `decision ${trip.decision} stands, not ${named}: ${trip.reason.message}`, {
    remedy: `Look at decision ${trip.decision}, then acknowledge that one or resume with mode retry.`,
    details: { trip: { decision: trip.decision, batch: trip.batch, reason: trip.reason } },
  });
}
