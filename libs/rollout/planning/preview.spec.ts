import { describe, expect, it } from 'vitest';
import { planRollout, predict, radiusOf, RolloutPlan, type PlannedRollout } from '../index.ts';

function planned(strategy: Record<string, unknown>, hosts: number, rest = {}): PlannedRollout {
  const plan = RolloutPlan.parse({
    kind: 'RolloutPlan',
    name: 'p',
    inventory: 'i',
    targets: 'all',
    bundle: 'b',
    playbook: 'p',
    strategy,
    ...rest,
  });
  const fleet = Array.from({ length: hosts }, (_, index) => ({
    name: `h${index}`,
    connection: { address: `h${index}`, port: 22 },
  }));
  return planRollout(plan, fleet);
}

describe('the largest number of hosts that a batch can hurt', () => {
  const CASES: [string, Record<string, unknown>, number, number][] = [
    // why, strategy, hosts, hurt
    [
      'the tolerance, one that trips, and those at work beside it',
      { batches: [{ size: 100, maxFailures: 5 }], concurrency: 10 },
      100,
      15,
    ],
    [
      'strict: no more than what trips',
      { batches: [{ size: 100, maxFailures: 5 }], concurrency: 10, strict: true },
      100,
      6,
    ],
    [
      'never more than there are',
      { batches: [{ size: 8, maxFailures: 5 }], concurrency: 50 },
      8,
      8,
    ],
    ['one at a time hurts one', { batches: [{ size: 8 }], concurrency: 1 }, 8, 1],
    [
      'a tolerance beyond the batch',
      { batches: [{ size: 4, maxFailures: 50 }], strict: true },
      4,
      4,
    ],
  ];
  it.each(CASES)('%s', (_, strategy, hosts, hurt) => {
    const { strategy: numbers, batches } = planned(strategy, hosts);
    expect(batches.slice(0, 1).map((batch) => radiusOf(numbers, batch).hurt)).toEqual([hurt]);
  });
});

describe('how long it takes', () => {
  const UTC = { planZone: undefined, hostZone: undefined };
  const from = Date.parse('2026-12-01T00:00:00Z');
  const ends = (strategy: Record<string, unknown>, hosts: number, rest = {}) => {
    const found = planned(strategy, hosts, rest);
    const times = predict(found.strategy, found.batches, { from, host: 60_000, zones: UTC });
    return times?.map(({ endsAt }) => new Date(endsAt).toISOString().slice(0, 16));
  };
  it.each([
    [
      'waves of the concurrency',
      { batches: [{ size: 25 }], concurrency: 10 },
      25,
      {},
      ['2026-12-01T00:03'],
    ],
    [
      'delay between batches, not after the last',
      { batches: [{ size: 1, delay: '10m' }] },
      2,
      {},
      ['2026-12-01T00:01', '2026-12-01T00:12'],
    ],
    [
      'a bake before the gate',
      { batches: [{ size: 5, bake: '30m' }] },
      5,
      {},
      ['2026-12-01T00:31'],
    ],
    [
      'strict: as many at once as may fail',
      { batches: [{ size: 6, maxFailures: 1 }], strict: true },
      6,
      {},
      ['2026-12-01T00:03'],
    ],
    [
      'from its start on',
      { batches: [{ size: 5 }] },
      5,
      { startAt: '2026-12-02T00:00:00Z' },
      ['2026-12-02T00:01'],
    ],
    [
      'in windows alone',
      { batches: [{ size: 40 }], concurrency: 1 },
      40,
      { windows: [{ from: '01:00', to: '02:00' }] },
      ['2026-12-02T01:09'],
    ],
  ] as const)('%s', (_, strategy, hosts, rest, expected) => {
    expect(ends({ ...strategy }, hosts, rest)).toEqual(expected);
  });
});
