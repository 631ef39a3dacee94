import { describe, expect, it } from 'vitest';
import { isGofleetError } from '#errors';
import {
  planDigest,
  planRollout,
  RolloutPlan,
  type PlannedHost,
  type PlannedRollout,
} from '../index.ts';

type Entry = {
  size: number | string;
  maxFailures?: number | string;
  maxUnreachable?: number | string;
};

function hosts(count: number): PlannedHost[] {
  return Array.from({ length: count }, (_, index) => ({
    name: `h${index}`,
    connection: { address: `host-${index}`, port: 22 },
  }));
}

function plan(batches: Entry[], budgets = {}): RolloutPlan {
  return RolloutPlan.parse({
    kind: 'RolloutPlan',
    name: 'p',
    inventory: 'i',
    targets: 'all',
    bundle: 'b',
    playbook: 'p',
    strategy: { batches },
    budgets,
  });
}

function cut(batches: Entry[], count: number, budgets = {}): PlannedRollout {
  return planRollout(plan(batches, budgets), hosts(count));
}

describe('sizes', () => {
  const CASES: [question: string, sizes: (number | string)[], hosts: number, batches: number[]][] =
    [
      ['in turn', [50, 100, 200], 350, [50, 100, 200]],
      ['the last entry repeats', [1, 2], 7, [1, 2, 2, 2]],
      ['the last batch is what is left', [3], 10, [3, 3, 3, 1]],
      ['one batch is enough', [50, 100], 20, [20]],
      ['percents are of all hosts', ['25%'], 8, [2, 2, 2, 2]],
      ['percents round down', ['30%'], 9, [2, 2, 2, 2, 1]],
      ['but are at least 1', ['1%'], 3, [1, 1, 1]],
      ['two decimals', ['12.5%', '100%'], 16, [2, 14]],
      ['one host', ['100%'], 1, [1]],
    ];
  it.each(CASES)('%s', (_, sizes, count, expected) => {
    const { batches } = cut(
      sizes.map((size) => ({ size })),
      count,
    );
    expect(batches.map((batch) => batch.size)).toEqual(expected);
    expect(batches.map((batch) => batch.number)).toEqual(expected.map((__, index) => index + 1));
    const firsts = expected.map((__, i) => expected.slice(0, i).reduce((sum, n) => sum + n, 0));
    expect(batches.map((batch) => batch.first)).toEqual(firsts);
  });
});

describe('tolerances', () => {
  const CASES: [string, Entry, number, object, (number | undefined)[], number[]][] = [
    // question, entry, hosts, budgets, maxFailures of each batch, tripsAt of each
    ['N are tolerated', { size: 10, maxFailures: 3 }, 20, {}, [3, 3], [4, 4]],
    ['0 trips at the first', { size: 10, maxFailures: 0 }, 10, {}, [0], [1]],
    ['neither is set', { size: 10 }, 10, {}, [undefined], [1]],
    ['maxUnreachable alone', { size: 10, maxUnreachable: 5 }, 10, {}, [undefined], [1]],
    ['only the rollout', { size: 10 }, 20, { maxFailures: 4 }, [undefined, undefined], [5, 5]],
    ['the smaller one', { size: 10, maxFailures: 6 }, 10, { maxFailures: 4 }, [6], [5]],
    ['of its own hosts', { size: 20, maxFailures: '10%' }, 45, {}, [2, 2, 0], [3, 3, 1]],
    [
      'of all hosts',
      { size: 20 },
      45,
      { maxFailures: '10%' },
      [undefined, undefined, undefined],
      [5, 5, 5],
    ],
    ['rounds down', { size: 19, maxFailures: '5%' }, 19, {}, [0], [1]],
    ['exact in integers', { size: 100, maxFailures: '29%' }, 100, {}, [29], [30]],
  ];
  it.each(CASES)('%s', (_, entry, count, budgets, maxFailures, tripsAt) => {
    const { batches } = cut([entry], count, budgets);
    expect(batches.map((batch) => batch.maxFailures)).toEqual(maxFailures);
    expect(batches.map((batch) => batch.tripsAt)).toEqual(tripsAt);
  });

  it('warns where a share became 0', () => {
    const entries = [{ size: 10, maxFailures: '5%', maxUnreachable: 0 }];
    expect(cut(entries, 12, { maxFailures: '5%' }).warnings).toEqual([
      'budgets.maxFailures: 5% of 12 hosts rounds down to 0: the rollout tolerates none',
      'strategy.batches[0].maxFailures: 5% of 10 hosts rounds down to 0: batch 1 tolerates none',
      'strategy.batches[0].maxFailures: 5% of 2 hosts rounds down to 0: batch 2 tolerates none',
    ]);
    expect(cut([{ size: 20, maxFailures: '0%' }], 20).warnings).toEqual([]);
  });
});

describe('refuses', () => {
  const twice = [...hosts(2), ...hosts(1)];
  const one = [
    { name: 'a', connection: { address: '10.0.0.1', port: 22 } },
    { name: 'b', connection: { address: '10.0.0.1', port: 22 } },
  ];
  it.each([
    ['no hosts', 'no_hosts', []],
    ['one name twice', 'duplicate_host', twice],
    ['one address and port under two names', 'duplicate_host', one],
    ['over 1,000 batches', 'invalid_file', hosts(1001)],
  ] as const)('%s', (_, code, fleet) => {
    let found: unknown;
    try {
      planRollout(plan([{ size: 1 }]), fleet);
    } catch (error) {
      found = error;
    }
    expect(isGofleetError(found, code)).toBe(true);
  });

  it('not two ports of one address', () => {
    const [a] = one;
    const fleet = [a, { name: 'b', connection: { address: '10.0.0.1', port: 23 } }];
    expect(
      planRollout(
        plan([{ size: 1 }]),
        fleet.filter((each) => each !== undefined),
      ).batches,
    ).toHaveLength(2);
  });
});

it('plans 50,000 hosts in a moment', () => {
  const fleet = hosts(50_000);
  const before = process.threadCpuUsage();
  expect(planRollout(plan([{ size: 50 }]), fleet).batches).toHaveLength(1000);
  // what others do on the machine at the time is not measured
  const { user, system } = process.threadCpuUsage(before);
  expect((user + system) / 1000).toBeLessThan(500);
});

it('digests what is frozen, whatever the order of its keys', () => {
  const digest = planDigest({ a: 1, b: { c: [1, 2], d: undefined } });
  expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/);
  expect(planDigest({ b: { c: [1, 2] }, a: 1 })).toBe(digest);
  expect(planDigest({ b: { c: [2, 1] }, a: 1 })).not.toBe(digest);
});
