import { isGofleetError } from '#errors';
import * as fc from 'fast-check';
import {
  RETRYABLE_STATES,
  RolloutPlan,
  type ClaimOutcome,
  type HostRow,
  type Verb,
} from '#rollout';
import type { Model } from './model.ts';

/** One thing that happens to a rollout from outside; numbers pick among what is there. */
export type Action =
  | { do: 'claim' | 'expire'; pick: number }
  | { do: 'end'; pick: number; how: number }
  | { do: 'pass'; seconds: number }
  | { do: 'conduct' }
  | { do: 'verb'; verb: Verb; picks: number[] };

const pick = fc.nat(1000);
const inflight = fc.constantFrom('drain' as const, 'cancel' as const);

const verb: fc.Arbitrary<Verb> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('pause' as const), inflight }) },
  {
    weight: 10,
    arbitrary: fc.record({
      kind: fc.constant('resume' as const),
      mode: fc.constantFrom('continue' as const, 'retry' as const),
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
    weight: 4,
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
);

/** Anything in any order, mostly hosts at work; long enough for trips, rollbacks and what comes after them. */
export const actions: fc.Arbitrary<Action[]> = fc.array(
  fc.oneof(
    { weight: 12, arbitrary: fc.record({ do: fc.constant('claim' as const), pick }) },
    {
      weight: 16,
      arbitrary: fc.record({ do: fc.constant('end' as const), pick, how: fc.nat(99) }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('expire' as const), pick }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constant('pass' as const), seconds: fc.nat(90) }) },
    { weight: 12, arbitrary: fc.constant({ do: 'conduct' as const }) },
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constant('verb' as const),
        verb,
        picks: fc.array(pick, { minLength: 1, maxLength: 4 }),
      }),
    },
  ),
  { minLength: 1, maxLength: 250, size: 'max' },
);

const tolerance = fc.option(fc.constantFrom(0, 1, 2, 4, '10%', '34%'), { nil: undefined });

/** Small rollouts with every mixture of budgets. */
export const plans: fc.Arbitrary<{ plan: RolloutPlan; hosts: number }> = fc.record({
  hosts: fc.integer({ min: 1, max: 24 }),
  plan: fc
    .record({
      batches: fc.array(
        fc.record({
          size: fc.constantFrom(1, 2, 3, 5, 8, '25%'),
          delay: fc.constantFrom('0s', '30s'),
          maxFailures: tolerance,
          maxUnreachable: tolerance,
        }),
        { minLength: 1, maxLength: 4 },
      ),
      concurrency: fc.integer({ min: 1, max: 8 }),
      inflight,
      budgets: fc.record({ maxFailures: tolerance, maxUnreachable: tolerance }),
      timeouts: fc.constantFrom({}, { connect: '1s', step: '2s', host: '3s', batch: '2m' }),
    })
    .map(({ batches, concurrency, inflight: how, budgets, timeouts }) =>
      RolloutPlan.parse({
        kind: 'RolloutPlan',
        name: 'p',
        inventory: 'i',
        targets: 'all',
        bundle: 'b',
        playbook: 'p',
        strategy: { batches, concurrency, inflight: how },
        budgets,
        timeouts,
      }),
    ),
});

/** Does it if it is possible now; a refused verb changes nothing. */
export function perform(model: Model, action: Action): void {
  switch (action.do) {
    case 'claim':
      return chosen(
        model,
        action.pick,
        (row) => row.state === 'queued',
        (row) => model.claim(row),
      );
    case 'end':
      return chosen(model, action.pick, isClaimed, (row) =>
        model.report(row, outcomeOf(model, row, action.how)),
      );
    case 'expire':
      return chosen(model, action.pick, isClaimed, (row) => model.expire(row));
    case 'pass':
      return model.pass(action.seconds * 1000);
    case 'conduct':
      return void model.conduct();
    case 'verb':
      return act(model, action.verb, action.picks);
    default:
      throw new TypeError(action satisfies never);
  }
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

/** Back and probe tasks are taken as soon as they are there. */
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

function outcomeOf(model: Model, row: HostRow, how: number): ClaimOutcome {
  const task = row.task ?? 'forward';
  const table = { forward: FORWARD, back: BACK, probe: PROBE }[task];
  const stopped = task === 'forward' && model.isStopping(row) && how % 2 === 0;
  const ending = table.find(([below]) => how < below)?.[1];
  if (!ending) throw new RangeError(`no ending for ${how}`);
  return stopped
    ? { task, state: 'cancelled', unchanged: false, switched: false }
    : { task, ...ending };
}

/** Fills in what a person would read from the rollout: the trip to acknowledge, names of hosts. */
function act(model: Model, asked: Verb, picks: number[]): void {
  const numbers = [...new Set(picks.map((each) => each % model.hosts.length))];
  const trip = model.view.trips.at(-1)?.decision;
  const acknowledges = asked.kind === 'resume' && asked.mode === 'continue';
  tryTo(() => model.act(acknowledges ? { ...asked, acknowledge: trip } : asked, numbers));
}

/** A refusal is an answer; anything else is a fault. */
export function tryTo(action: () => void): boolean {
  try {
    action();
    return true;
  } catch (error) {
    if (isGofleetError(error, 'conflict') || isGofleetError(error, 'invalid_request')) return false;
    throw error;
  }
}
