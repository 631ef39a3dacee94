import { currentBatch } from '../view/current-batch.ts';
import { delayEnd } from '../rules/delay.ts';
import { hosts } from './explain-evidence.ts';
import { isFinal } from '../view/states.ts';
import type { BatchView, Instant, RolloutView } from '../view/view.ts';

/** Something that a rollout waits for. */
export interface Wait {
  message: string;
  /** Undefined where nobody can say. */
  until: Instant | undefined;
}

/** What a rollout waits for now, what people have to do first; nothing where it has ended. */
export function explainWaits(view: RolloutView, now: Instant): Wait[] {
  if (isFinal(view.state)) return [];
  return WAITS.flatMap((wait) => wait(view, now) ?? []);
}

type Finder = (view: RolloutView, now: Instant) => Wait | Wait[] | undefined;

/** Every one that applies is told, in this order. */
const WAITS: Finder[] = [
  // people have to approve the start or a gate
  approval,
  // a person has to answer a trip, or to resume
  person,
  // nothing forward is dispatched anywhere
  freeze,
  // hosts of another rollout, or an instant of the plan
  start,
  // a batch is over, and the next may not start yet
  delay,
  bake,
  window,
  // hosts that are worked on
  work,
  // no worker, a site or a credential that is held
  ({ held }) =>
    held.map(({ reason, hosts: count }) => ({
      message: `${hosts(count)} wait: ${reason.message}`,
      until: undefined,
    })),
  // hosts that are tried again later
  later,
];

function approval({ state, approval: asked, strategy }: RolloutView): Wait | undefined {
  if (state !== 'pending_approval') return undefined;
  const { approvers, expires } = strategy.approval;
  const given = asked?.by.length ?? 0;
  const what = asked?.batch === undefined ? 'the start' : `the gate of batch ${asked.batch}`;
  return {
    message: `approval of ${what}: ${given} of ${approvers} given`,
    until: asked && asked.askedAt + expires,
  };
}

function person({ state, trips, reason }: RolloutView): Wait | undefined {
  if (state !== 'paused') return undefined;
  const trip = trips.at(-1);
  const message = trip
    ? `a person who answers decision ${trip.decision}: ${trip.reason.message}`
    : `a person who resumes it${reason ? `: ${reason.message}` : ''}`;
  return { message, until: undefined };
}

function freeze({ freeze: frozen, state }: RolloutView): Wait | undefined {
  if (!frozen || (state === 'rolling_back' && !frozen.rollbacks)) return undefined;
  return { message: `the end of the freeze: ${frozen.reason.message}`, until: undefined };
}

function start({ state, conflict, strategy }: RolloutView): Wait | undefined {
  if (state !== 'scheduled') return undefined;
  if (conflict?.ending)
    return {
      message: `rollout ${conflict.rollout}, which it supersedes, to end`,
      until: undefined,
    };
  return { message: 'its start', until: strategy.startAt };
}

function delay(view: RolloutView, now: Instant): Wait | undefined {
  const batch = forward(view);
  const until = batch && delayEnd(view, batch);
  return until !== undefined && until > now
    ? { message: `the delay before batch ${batch?.number}`, until }
    : undefined;
}

function bake(view: RolloutView, now: Instant): Wait | undefined {
  const batch = isEnding(view) ? undefined : view.batches.find(({ state }) => state === 'baking');
  if (batch?.bakeUntil === undefined) return undefined;
  if (batch.bakeUntil > now)
    return { message: `batch ${batch.number} to bake`, until: batch.bakeUntil };
  const left = batch.counts.states.succeeded - batch.counts.baked;
  return { message: `the health of ${hosts(left)} of batch ${batch.number}`, until: undefined };
}

/** What was to come forward does not come any more, or not before a rollback has ended. */
function isEnding({ state }: RolloutView): boolean {
  return state === 'aborting' || state === 'rolling_back';
}

function window(view: RolloutView): Wait | undefined {
  return forward(view) && view.window?.shut
    ? { message: 'a window in which hosts may start', until: view.window.opensAt }
    : undefined;
}

/** The batch that is worked on, or would be. */
function forward(view: RolloutView): BatchView | undefined {
  return view.state === 'running' ? currentBatch(view) : undefined;
}

const ENDS: Partial<Record<RolloutView['state'], string>> = {
  paused: ', to be finished',
  aborting: ', to be finished',
  rolling_back: ', to be rolled back',
};

function work({ atWork, state }: RolloutView): Wait | undefined {
  if (atWork === 0) return undefined;
  return { message: `${hosts(atWork)} at work${ENDS[state] ?? ''}`, until: undefined };
}

function later(view: RolloutView): Wait | undefined {
  if (view.nextDue === undefined) return undefined;
  const { batches, atWork } = view;
  const back = batches.reduce((sum, { counts }) => sum + counts.states.rolling_back, 0);
  const lost = batches.reduce((sum, { counts }) => sum + counts.states.lost, 0);
  const what =
    back > 0 && atWork === 0
      ? `${hosts(back)} not rolled back yet, to be tried again`
      : lost > 0
        ? `${hosts(lost)} lost, to be looked at again`
        : 'another try';
  return { message: what, until: view.nextDue };
}
