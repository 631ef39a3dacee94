import {
  changeHosts,
  leftAlone,
  namesOf,
  recountBatches,
  type LeftAlone,
  type Queries,
} from '#ledger';
import {
  isFinal,
  type AskedVerb,
  type BatchChange,
  type Change,
  type Decision,
  type Reason,
  type RolloutView,
  type StandingTrip,
} from '#rollout';
import { liftHolds } from '../claims/hold.ts';
import { freeHosts, takeHosts } from '../create/ownership.ts';
import type { Engine } from '../engine.ts';
import { tell, type NewEvent } from '../events/tell.ts';
import { toJson } from '../json.ts';
import { noticesOf, notify } from '../outbox/notify.ts';
import { clockWith, type Clock } from './clock.ts';
import { storeBatches } from './store-batches.ts';

/** A person is told again that a rollout is paused. */
export const REMIND_EVERY = 30 * 60_000;
/** Hosts that a stored decision names. */
const SHOWN = 100;

/** Why a change is made: a verb of a person, or a decision. */
export interface Cause {
  kind: string;
  /** The name of the token. */
  by?: string;
  /** The ETag changes. */
  tagged: boolean;
  trip?: Extract<Decision, { kind: 'trip' }>;
  batch?: number | undefined;
  evidence?: unknown;
  /** Of a verb: what was asked, and why. */
  asked?: AskedVerb;
  note?: string | undefined;
}

/** What was done: the decision that it is stored as, and the hosts that a rollback left alone. */
export interface Done {
  number: number;
  leftAlone: LeftAlone[];
}

/**
 * Applies one change in the present transaction and stores it as a decision. Throws where the rollout is no longer
 * the one of the view.
 */
export async function carryOut(
  engine: Engine,
  queries: Queries,
  view: RolloutView,
  change: Change,
  cause: Cause,
): Promise<Done> {
  const now = engine.clock.now();
  const number = await nextDecision(queries, view.id);
  if (change.take) await takeHosts(queries, view.id);
  if (change.liftHolds) await liftHolds(queries, view.id);
  const alone = await findLeftAlone(queries, view.id, change);
  const reason = change.reason && withDecision(change.reason, cause, number);
  const clock = await clockWith(queries, view, change, now);
  await storeRollout(queries, view, change, { cause, reason, number, now, clock });
  await storeDecision(queries, view, change, { cause, reason, number, now });
  for (const { select, set } of change.hosts)
    await changeHosts(queries, { rollout: view.id, select, set, now, decision: number });
  const moved = await storeBatches(queries, view, change, {
    reason: cause.trip && reason,
    now,
    clock,
  });
  if (change.hosts.length > 0) await recountBatches(queries, view.id);
  if (isFinal(change.state)) await freeHosts(queries, view.id);
  await tell(queries, now, ...eventsOf(view, change, { cause, reason, number, now }, moved));
  for (const event of noticesOf(view, change, cause))
    await notify(engine, queries, view.id, event, reason);
  return { number, leftAlone: alone };
}

async function findLeftAlone(
  queries: Queries,
  rollout: string,
  { hosts }: Change,
): Promise<LeftAlone[]> {
  const found: LeftAlone[] = [];
  for (const { select, set } of hosts)
    if (set === 'rollBack') found.push(...(await leftAlone(queries, rollout, select)));
  return [...new Map(found.map((each) => [each.name, each])).values()];
}

interface Stamp {
  cause: Cause;
  reason: Reason | undefined;
  number: number;
  now: number;
}

async function nextDecision(queries: Queries, rollout: string): Promise<number> {
  const { last } = await queries
    .selectFrom('decisions')
    .select(({ fn }) => fn.max('number').as('last'))
    .where('rollout', '=', rollout)
    .executeTakeFirstOrThrow();
  return (last ?? 0) + 1;
}

/** A reason that comes with this change points to it; one that stood keeps its own. */
function withDecision(reason: Reason, cause: Cause, number: number): Reason {
  return cause.trip || reason.decision === undefined ? { ...reason, decision: number } : reason;
}

async function storeRollout(
  queries: Queries,
  view: RolloutView,
  change: Change,
  { cause, reason, number, now, clock }: Stamp & { clock: Clock },
): Promise<void> {
  const final = isFinal(change.state);
  const starts = change.batches.some(({ started }) => started);
  const trips = change.answered ? [] : [...view.trips, ...tripOf(cause, reason, number)];
  const result = await queries
    .updateTable('rollouts')
    .set((row) => ({
      rev: view.rev + 1,
      state: change.state,
      reason: toJson(reason),
      rollback: toJson(change.rollback),
      abort: toJson(change.abort),
      trips: JSON.stringify(trips),
      ...clock.columns,
      ...(change.approval && {
        approval: change.approval === 'none' ? null : JSON.stringify(change.approval),
      }),
      ...(change.strategy && { strategy: JSON.stringify(change.strategy) }),
      ...(change.windowWaivedUntil !== undefined && {
        window_waived_until: change.windowWaivedUntil,
      }),
      ...(final ? { owned: 0 } : change.take && { owned: 1 }),
      ...(cause.trip && { last_tripped: cause.trip.batch }),
      ...(cause.tagged && { version: view.rev + 1 }),
      ...(starts && { started_at: row.fn.coalesce(row.ref('started_at'), row.val(now)) }),
      ...(change.state !== view.state && {
        finished_at: final ? now : null,
        remind_at: change.state === 'paused' ? now + REMIND_EVERY : null,
      }),
    }))
    .where('id', '=', view.id)
    .where('rev', '=', view.rev)
    .executeTakeFirst();
  if (result.numUpdatedRows !== 1n) throw new Error(`rollout ${view.id} changed meanwhile`);
}

function tripOf({ trip }: Cause, reason: Reason | undefined, decision: number): StandingTrip[] {
  if (!trip || !reason) return [];
  const { batch, evidence, signature } = trip;
  return [{ decision, batch, scope: evidence.scope, reason, ...(signature && { signature }) }];
}

async function storeDecision(
  queries: Queries,
  view: RolloutView,
  change: Change,
  { cause, reason, number, now }: Stamp,
): Promise<void> {
  const counted = change.hosts.filter(({ set }) => set === 'cover' || set === 'rollBack');
  const hosts: string[] = [];
  for (const { select } of counted)
    hosts.push(...(await namesOf(queries, view.id, select, SHOWN - hosts.length)));
  await queries
    .insertInto('decisions')
    .values({
      rollout: view.id,
      number,
      at: now,
      kind: cause.kind,
      batch: cause.batch ?? null,
      by: cause.by ?? null,
      reason: toJson(reason),
      evidence: toJson(cause.evidence),
      hosts: JSON.stringify(hosts),
      details: JSON.stringify({
        before: view.state,
        after: change.state,
        asked: cause.asked,
        note: cause.note,
      }),
    })
    .execute();
}

function eventsOf(
  view: RolloutView,
  change: Change,
  { cause, reason, number }: Stamp,
  moved: BatchChange[],
): NewEvent[] {
  const rollout = view.id;
  const events: NewEvent[] = [
    {
      type: cause.by === undefined ? 'decision' : 'action',
      rollout,
      batch: cause.batch ?? null,
      details: { decision: number, kind: cause.kind, by: cause.by ?? null, reason: reason ?? null },
    },
  ];
  for (const { number: batch, state } of moved)
    events.push({ type: 'batch.state', rollout, batch, details: { state } });
  if (change.state !== view.state)
    events.push({
      type: 'rollout.state',
      rollout,
      details: { state: change.state, before: view.state, reason: reason ?? null },
    });
  return events;
}
