import { describe, expect, it } from 'vitest';
import { waiting, NEXT, NOW, view, type Batch } from '../../../test/rules/view.ts';
import { decide, type NextHost, type RolloutView } from '../index.ts';

const OPEN = { pending: 9 };
const strict = { strict: true };
const forward = (...list: NextHost[]) => ({ next: { ...NEXT, forward: list } });
const next = forward(...waiting(1, 2, 3, 4, 5, 6));
const at = (working: Partial<RolloutView['working']>, doubtful = 0) => ({
  working: { forward: 0, back: 0, probe: 0, bake: 0, ...working },
  atWork: Object.values(working).reduce((sum, count) => sum + count, 0),
  doubtful,
});

/** Numbers of the hosts that are dispatched. */
function started(rollout: RolloutView): number[] {
  const decision = decide(rollout, NOW);
  if (decision.kind === 'dispatch' && decision.direction === 'forward') return decision.hosts;
  expect(decision.kind).toBe('wait');
  return [];
}

describe('strict', () => {
  const two: Batch = { maxFailures: 2, hosts: OPEN };
  const CASES: [string, RolloutView, number][] = [
    ['not strict: up to the concurrency', view([two], next), 6],
    ['as many as trip it', view([two], { ...next, strategy: strict }), 3],
    [
      'fewer by those that failed',
      view([{ ...two, hosts: { ...OPEN, failed: 2 } }], { ...next, strategy: strict }),
      1,
    ],
    [
      'acknowledged ones are as if they were not',
      view([{ ...two, hosts: { ...OPEN, failed: 2, failures: 0, acknowledgedFailures: 2 } }], {
        ...next,
        strategy: strict,
      }),
      3,
    ],
    [
      'fewer by those at work forward',
      view([two], { ...next, strategy: strict, ...at({ forward: 2 }) }),
      1,
    ],
    [
      'and in a bake',
      view([two], { ...next, strategy: strict, ...at({ forward: 1, bake: 1 }) }),
      1,
    ],
    [
      'not by those that are looked at',
      view([two], { ...next, strategy: strict, ...at({ probe: 3 }) }),
      3,
    ],
    [
      'fewer by those that may still end late',
      view([two], { ...next, strategy: strict, ...at({}, 2) }),
      1,
    ],
    [
      'none while as many are at work',
      view([two], { ...next, strategy: strict, ...at({ forward: 3 }) }),
      0,
    ],
    [
      'the smallest of the budgets: that of the rollout',
      view([{ ...two, maxFailures: 5 }], { ...next, strategy: { ...strict, maxFailures: 1 } }),
      2,
    ],
    [
      'the smallest of the budgets: unreachable ones',
      view([{ ...two, maxFailures: 5, maxUnreachable: 1 }], { ...next, strategy: strict }),
      2,
    ],
    [
      'the smallest of the budgets: one signature',
      view([{ ...two, maxFailures: 5 }], {
        ...next,
        strategy: { ...strict, maxSameSignature: 1 },
        signatures: [
          { signature: 's', message: '', open: 1, covered: 0, acknowledged: 0, batch: 1 },
        ],
      }),
      1,
    ],
    ['0 tolerated: one at a time', view([{ hosts: OPEN }], { ...next, strategy: strict }), 1],
    [
      'one retried host goes although the budget is exceeded',
      view([{ maxFailures: 1, hosts: { ...OPEN, failed: 3, coveredFailures: 3, retrying: 2 } }], {
        next: { ...NEXT, forward: waiting(1, 2, 3), retries: 2 },
        strategy: strict,
      }),
      1,
    ],
  ];
  it.each(CASES)('%s', (_, rollout, count) => {
    expect(started(rollout)).toHaveLength(count);
  });

  it('hosts that may end late take no place twice', () => {
    const [one, two_, three] = waiting(1, 2, 3);
    if (!one || !two_ || !three) throw new Error('three hosts');
    const list = [{ ...one, doubtful: true }, { ...two_, doubtful: true }, three];
    const rollout = view([two], { ...forward(...list), strategy: strict, ...at({}, 3) });
    expect(started(rollout)).toEqual([1, 2]);
    expect(started({ ...rollout, doubtful: 2 })).toEqual([1, 2, 3]);
  });
});

describe('failure domains', () => {
  const racks = (...names: string[]) =>
    forward(...waiting(...names.keys()).map((host, at_) => ({ ...host, domain: names[at_] })));
  const CASES: [string, RolloutView, number[]][] = [
    [
      'not over the share of a domain',
      view([{ hosts: OPEN }], {
        ...racks('a', 'a', 'b', 'a', 'b'),
        strategy: { domains: { a: 2, b: 1 } },
      }),
      [0, 1, 2],
    ],
    [
      'those at work count',
      view([{ hosts: OPEN }], {
        ...racks('a', 'a', 'b'),
        strategy: { domains: { a: 2, b: 1 } },
        domainsAtWork: { a: 1, b: 1 },
      }),
      [0],
    ],
    [
      'a domain that is full leaves its place to others',
      view([{ hosts: OPEN }], {
        ...racks('a', 'b'),
        strategy: { domains: { a: 1, b: 1 }, concurrency: 2 },
        domainsAtWork: { a: 1, b: 0 },
        atWork: 1,
      }),
      [1],
    ],
  ];
  it.each(CASES)('%s', (_, rollout, expected) => {
    expect(started(rollout)).toEqual(expected);
  });
});
