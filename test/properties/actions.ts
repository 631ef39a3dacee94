import { isGofleetError } from '#errors';
import * as fc from 'fast-check';
import {
  PatchBody,
  RETRYABLE_STATES,
  SKIPPABLE_STATES,
  type ClaimOutcome,
  type HostRow,
  type Task,
  type Verb,
} from '#rollout';
import { DIGEST, REQUESTER, type Model } from './model.ts';

/** One thing that happens to a rollout from outside; numbers pick among what is there. */
export type Action =
  | { do: 'claim' | 'expire'; pick: number }
  | { do: 'end' | 'late'; pick: number; how: number }
  | { do: 'pass'; seconds: number }
  | { do: 'conduct' }
  | { do: 'freeze'; frozen: { rollbacks: boolean } | undefined }
  | { do: 'block'; how: number }
  | { do: 'verb'; verb: Verb; token: string; picks: number[] };

const pick = fc.nat(1000);
/** Most hosts end well, else nothing would come far. */
const how = fc.oneof({ weight: 2, arbitrary: fc.nat(69) }, fc.nat(99));
const inflight = fc.constantFrom('drain' as const, 'cancel' as const);

const quantity = fc.constantFrom(0, 1, 3, 6, '20%', '50%');
const patched = fc
  .record(
    {
      concurrency: fc.integer({ min: 1, max: 8 }),
      budgets: fc.record(
        { maxFailures: quantity, maxUnreachable: quantity, maxSameSignature: fc.nat(3) },
        { requiredKeys: [] },
      ),
      delays: fc.constantFrom('0s', '20s', '2m'),
    },
    { requiredKeys: [] },
  )
  .filter((body) => Object.keys(body).length > 0)
  .map((body) => ({ kind: 'patch' as const, ...PatchBody.parse(body) }));

const verb: fc.Arbitrary<Verb> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('pause' as const), inflight }) },
  {
    weight: 10,
    arbitrary: fc.record({
      kind: fc.constant('resume' as const),
      mode: fc.constantFrom('continue' as const, 'retry' as const, 'skip-batch' as const),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('retry' as const),
      states: fc.option(fc.subarray([...RETRYABLE_STATES], { minLength: 1 }), { nil: undefined }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('rollback' as const),
      scope: fc.constantFrom('failed' as const, 'batch' as const, 'hosts' as const, 'all' as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('abort' as const),
      inflight,
      rollback: fc.constantFrom('none' as const, 'batch' as const, 'all' as const),
      stopRollback: fc.boolean(),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.constant({ kind: 'approve' as const, planDigest: DIGEST }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'deny' as const }) },
  { weight: 6, arbitrary: fc.constant({ kind: 'advance' as const }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('skip' as const),
      states: fc.option(fc.subarray([...SKIPPABLE_STATES], { minLength: 1 }), { nil: undefined }),
    }),
  },
  { weight: 3, arbitrary: patched },
);

/** Anything in any order, mostly hosts at work; long enough for trips, rollbacks and what comes after them. */
export const actions: fc.Arbitrary<Action[]> = fc.array(
  fc.oneof(
    { weight: 12, arbitrary: fc.record({ do: fc.constant('claim' as const), pick }) },
    { weight: 16, arbitrary: fc.record({ do: fc.constant('end' as const), pick, how }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('expire' as const), pick }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('late' as const), pick, how }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constant('pass' as const), seconds: fc.nat(90) }) },
    { weight: 12, arbitrary: fc.constant({ do: 'conduct' as const }) },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant('freeze' as const),
        frozen: fc.constantFrom(undefined, undefined, { rollbacks: false }, { rollbacks: true }),
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('block' as const), how }) },
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant('verb' as const),
        verb,
        token: fc.constantFrom(REQUESTER, 'one', 'other', 'third'),
        picks: fc.array(pick, { minLength: 1, maxLength: 4 }),
      }),
    },
  ),
  { minLength: 20, maxLength: 250, size: 'max' },
);

/** Does it if it is possible now; a refused verb changes nothing. */
export function perform(model: Model, action: Action): void {
  switch (action.do) {
    case 'claim':
      return chosen(model, action.pick, isQueued, (row) => model.claim(row));
    case 'end':
      return chosen(model, action.pick, isClaimed, (row) =>
        model.report(row, outcomeOf(model, row, action.how), signatureOf(action.how)),
      );
    case 'expire':
      return chosen(model, action.pick, isClaimed, (row) => model.expire(row));
    case 'late':
      return chosen(
        model,
        action.pick,
        (row) => model.late(row) !== undefined,
        (row) => {
          const outcome = endingOf(model.late(row) ?? 'forward', action.how);
          model.report(row, outcome, signatureOf(action.how));
        },
      );
    case 'pass':
      return model.pass(action.seconds * 1000);
    case 'conduct':
      return void model.conduct();
    case 'freeze':
      return model.freeze(action.frozen);
    case 'block':
      return model.block(conflictOf(action.how));
    case 'verb':
      return act(model, action);
    default:
      throw new TypeError(action satisfies never);
  }
}

/** Three in four times nothing is in the way. */
function conflictOf(given: number) {
  if (given % 4 !== 0) return undefined;
  return { hosts: 1, rollout: 'other', ending: given % 8 === 0 };
}

function signatureOf(given: number): string {
  return given % 3 === 0 ? 'disk: no space' : `other: ${given % 5}`;
}

function chosen(
  model: Model,
  index: number,
  fits: (row: HostRow) => boolean,
  then: (row: HostRow) => void,
): void {
  const rows = model.hosts.filter(fits);
  const row = rows[index % Math.max(1, rows.length)];
  if (row) then(row);
}

function isQueued(row: HostRow): boolean {
  return row.state === 'queued';
}

/** Tasks other than forward are taken as soon as they are there. */
export function isClaimed(row: HostRow): boolean {
  return row.task !== undefined && row.state !== 'queued';
}

type Ending = Omit<ClaimOutcome, 'task'>;

const FORWARD: [number, Ending][] = [
  [66, { state: 'succeeded', unchanged: false, switched: true }],
  [72, { state: 'succeeded', unchanged: true, switched: false }],
  [78, { state: 'failed', unchanged: false, switched: true }],
  [84, { state: 'failed', unchanged: false, switched: false }],
  [90, { state: 'unreachable', unchanged: false, switched: false }],
  [95, { state: 'lost', unchanged: false, switched: true }],
  [100, { state: 'released', unchanged: false, switched: false }],
];

const BACK: [number, Ending][] = [
  [70, { state: 'rolled_back', unchanged: false, switched: false }],
  [80, { state: 'rollback_failed', unchanged: false, switched: false }],
  [95, { state: 'unreachable', unchanged: false, switched: false }],
  [100, { state: 'released', unchanged: false, switched: false }],
];

const PROBE: [number, Ending][] = [
  [40, { state: 'succeeded', unchanged: false, switched: false }],
  [70, { state: 'failed', unchanged: false, switched: false }],
  [100, { state: 'lost', unchanged: false, switched: false }],
];

const BAKE: [number, Ending][] = [
  [75, { state: 'succeeded', unchanged: false, switched: false }],
  [85, { state: 'failed', unchanged: false, switched: false }],
  [90, { state: 'lost', unchanged: false, switched: false }],
  [95, { state: 'unreachable', unchanged: false, switched: false }],
  [100, { state: 'released', unchanged: false, switched: false }],
];

const ENDINGS: Record<Task, [number, Ending][]> = {
  forward: FORWARD,
  back: BACK,
  probe: PROBE,
  bake: BAKE,
};

function endingOf(task: Task, given: number): ClaimOutcome {
  const ending = ENDINGS[task].find(([below]) => given < below)?.[1];
  if (!ending) throw new RangeError(`no ending for ${given}`);
  return { task, ...ending };
}

function outcomeOf(model: Model, row: HostRow, given: number): ClaimOutcome {
  const task = row.task ?? 'forward';
  const stopped = task === 'forward' && model.isStopping(row) && given % 2 === 0;
  return stopped
    ? { task, state: 'cancelled', unchanged: false, switched: false }
    : endingOf(task, given);
}

/** Fills in what a person would read from the rollout: the trip to acknowledge, names of hosts. */
function act(model: Model, { picks, token, verb: asked }: Extract<Action, { do: 'verb' }>): void {
  const numbers = [...new Set(picks.map((each) => each % model.hosts.length))];
  const trip = model.view.trips.at(-1)?.decision;
  const acknowledges = asked.kind === 'resume' && asked.mode === 'continue';
  const whole = acknowledges ? { ...asked, acknowledge: trip } : asked;
  tryTo(() => model.act(whole, numbers, token));
}

const REFUSALS = ['conflict', 'invalid_request', 'forbidden', 'lock_conflict'] as const;

/** A refusal is an answer; anything else is a fault. */
export function tryTo(action: () => void): boolean {
  try {
    action();
    return true;
  } catch (error) {
    if (REFUSALS.some((code) => isGofleetError(error, code))) return false;
    throw error;
  }
}
