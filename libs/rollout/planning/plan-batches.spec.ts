import {
  array,
  assert,
  constantFrom,
  integer,
  nat,
  oneof,
  option,
  property,
  record,
  tuple,
} from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isGofleetError } from '#errors';
import { planRollout, RolloutPlan, type PlannedHost, type PlannedRollout } from '../index.ts';

/** Hosts named by their domain and number: `a0`, `a1`, `b0`; `-` has no domain. */
function fleet(...domains: [name: string, hosts: number][]): PlannedHost[] {
  return domains.flatMap(([domain, hosts]) =>
    Array.from({ length: hosts }, (_, index) => ({
      name: `${domain}${index}`,
      connection: { address: `${domain}${index}.example.com`, port: 22 },
      domain: domain === '-' ? undefined : domain,
    })),
  );
}

function plan(strategy: Record<string, unknown>, rest: Record<string, unknown> = {}): RolloutPlan {
  return RolloutPlan.parse({
    kind: 'RolloutPlan',
    name: 'p',
    inventory: 'i',
    targets: 'all',
    bundle: 'b',
    playbook: 'p',
    strategy: { failureDomain: 'rack', ...strategy },
    ...rest,
  });
}

/** Patterns of these tests are the beginning of a name. */
function planned(
  strategy: Record<string, unknown>,
  hosts: PlannedHost[],
  seed = '',
): PlannedRollout {
  const matching = (pattern: string) =>
    new Set(hosts.map(({ name }) => name).filter((name) => name.startsWith(pattern)));
  return planRollout(plan(strategy), hosts, { seed, matching });
}

function names(strategy: Record<string, unknown>, hosts: PlannedHost[], seed = ''): string[] {
  const { batches, order } = planned(strategy, hosts, seed);
  return batches.map(({ first, size }) =>
    order
      .slice(first, first + size)
      .map((place) => hosts[place]?.name)
      .join(' '),
  );
}

describe('which hosts make a batch', () => {
  const AB = fleet(['a', 4], ['b', 2]);
  const CASES: [string, Record<string, unknown>, PlannedHost[], string[]][] = [
    ['inventory order', { batches: [{ size: 4 }] }, AB, ['a0 a1 a2 a3', 'b0 b1']],
    [
      'spread: each batch has of each domain its share',
      { batches: [{ size: 3 }], order: 'spread' },
      AB,
      ['a0 b0 a1', 'a2 b1 a3'],
    ],
    [
      'spread takes hosts without the variable like one domain',
      { batches: [{ size: 3 }], order: 'spread' },
      fleet(['a', 4], ['-', 2]),
      ['a0 -0 a1', 'a2 -1 a3'],
    ],
    [
      'hosts by pattern, before the rest',
      { batches: [{ hosts: 'b' }, { size: 4 }] },
      AB,
      ['b0 b1', 'a0 a1 a2 a3'],
    ],
    [
      'hosts by pattern are kept for their batch',
      { batches: [{ size: 5 }, { hosts: 'a1' }, { size: 5 }] },
      AB,
      ['a0 a2 a3 b0 b1', 'a1'],
    ],
    [
      'the first entry that matches has the host',
      { batches: [{ hosts: 'a0' }, { hosts: 'a' }, { size: 9 }] },
      AB,
      ['a0', 'a1 a2 a3', 'b0 b1'],
    ],
    [
      'nobody need be left for the last entry',
      { batches: [{ hosts: 'a' }, { hosts: 'b' }] },
      AB,
      ['a0 a1 a2 a3', 'b0 b1'],
    ],
    [
      'a share of a domain, rounded down',
      { batches: [{ size: 4 }], maxPerDomain: '70%' },
      AB,
      ['a0 a1 b0', 'a2 a3 b1'],
    ],
    [
      'at least 1',
      { batches: [{ size: 4 }], maxPerDomain: '1%' },
      AB,
      ['a0 b0', 'a1 b1', 'a2', 'a3'],
    ],
    [
      'a host without the variable is a domain of its own',
      { batches: [{ size: 4 }], maxPerDomain: 1 },
      fleet(['-', 3], ['a', 2]),
      ['-0 -1 -2 a0', 'a1'],
    ],
    [
      'named hosts keep to the share of a domain too, in batches of their entry',
      { batches: [{ hosts: 'a' }, { size: 9 }], maxPerDomain: '50%' },
      AB,
      ['a0 a1', 'a2 a3', 'b0', 'b1'],
    ],
    [
      'the share is of the planned hosts, in every batch',
      { batches: [{ size: 2 }], order: 'spread', maxPerDomain: '25%' },
      AB,
      ['a0 b0', 'a1 b1', 'a2', 'a3'],
    ],
  ];
  it.each(CASES)('%s', (_, strategy, hosts, expected) => {
    expect(names(strategy, hosts)).toEqual(expected);
  });

  it('shuffled: another order for another seed, the same for the same', () => {
    const hosts = fleet(['a', 50]);
    const of = (seed: string) => names({ batches: [{ size: 50 }], order: 'shuffled' }, hosts, seed);
    expect(of('one')).toEqual(of('one'));
    expect(of('one')).not.toEqual(of('two'));
    expect(of('one')[0]?.split(' ').toSorted()).toEqual(hosts.map(({ name }) => name).toSorted());
  });
});

describe('refuses', () => {
  const hosts = fleet(['a', 3]);
  it.each([
    ['a pattern that matches nothing', [{ hosts: 'b' }, { size: 1 }], 'strategy.batches[0].hosts'],
    ['hosts that are all taken', [{ hosts: 'a' }, { hosts: 'a1' }], 'strategy.batches[1].hosts'],
    ['hosts that are left over', [{ size: 1 }, { hosts: 'a2' }], 'strategy.batches[1]'],
  ])('%s', (_, batches, path) => {
    let found: unknown;
    try {
      planned({ batches }, hosts);
    } catch (error) {
      found = error;
    }
    expect(isGofleetError(found, 'invalid_file') && found.errors[0]?.path).toBe(path);
  });

  const NIGHT = { from: '01:00', to: '02:00' };
  it.each([
    ['a window that no host fits', [{ from: '01:00', to: '01:20' }], {}, 'timeouts.host'],
    [
      'a window in a zone that nobody names',
      [{ ...NIGHT, timezone: 'host' }],
      {},
      'windows[0].timezone',
    ],
    [
      'a zone of a host that there is not',
      [NIGHT, { ...NIGHT, timezone: 'host' }],
      { zone: 'Mars/Base' },
      'windows[1].timezone',
    ],
  ])('%s', (_, windows, host, path) => {
    const given = hosts.map((each) => ({ ...each, ...host }));
    let found: unknown;
    try {
      planRollout(plan({ batches: [{ size: 1 }] }, { windows }), given);
    } catch (error) {
      found = error;
    }
    expect(isGofleetError(found, 'invalid_file') && found.errors[0]?.path).toBe(path);
  });
});

it('resolves what holds for the whole and for each batch', () => {
  const { strategy, batches } = planRollout(
    plan(
      {
        batches: [{ size: 2, bake: '10m', approval: true }, { size: 5 }],
        bake: '1m',
        strict: true,
        onTrip: 'rollback-batch',
        maxPerDomain: '50%',
      },
      { budgets: { maxSameSignature: 2 }, startAt: '2026-12-01T01:00:00Z' },
    ),
    fleet(['a', 4], ['b', 1], ['-', 1]),
  );
  expect(strategy).toMatchObject({
    strict: true,
    onTrip: 'rollback-batch',
    maxSameSignature: 2,
    domains: { a: 2, b: 1 },
    startAt: Date.parse('2026-12-01T01:00:00Z'),
    startWithin: 900_000,
    approval: { required: false, approvers: 1 },
  });
  expect(batches).toMatchObject([
    { entry: 0, bake: 600_000, approval: true },
    { entry: 1, bake: 60_000, approval: false },
  ]);
});

it('warns of batches that come out smaller, and of hosts whose domain nobody knows', () => {
  const strategy = { batches: [{ size: 4, approval: true }], maxPerDomain: 1 };
  expect(planned(strategy, fleet(['a', 3], ['-', 1])).warnings).toEqual([
    'strategy.batches[0]: batch 1 has 2 hosts and not 4, since maxPerDomain allows no more of one rack, and 1 more of this entry are smaller too',
    'strategy.failureDomain: 1 host without the variable rack, each taken for a domain of its own: -0',
    'strategy.batches[0].approval: nobody is asked after batch 3, which is the last',
  ]);
});

it('puts every host into exactly one batch, and never more of a domain than its share', () => {
  const entries = array(
    oneof(
      record({ size: integer({ min: 1, max: 20 }) }),
      record({ hosts: constantFrom('a', 'b1', 'c') }),
    ),
    { maxLength: 4 },
  );
  assert(
    property(
      entries,
      integer({ min: 1, max: 10 }),
      constantFrom('inventory', 'shuffled', 'spread'),
      option(integer({ min: 1, max: 100 }), { nil: undefined }),
      tuple(nat(30), nat(30), nat(30)),
      (given, last, order, percent, [a, b, c]) => {
        const hosts = fleet(['a', a + 1], ['b', b + 2], ['c', c + 1]);
        const seen = new Set<string>();
        const batches = [...given, { size: last }].filter(
          (entry) => !('hosts' in entry) || (!seen.has(entry.hosts) && seen.add(entry.hosts)),
        );
        const maxPerDomain = percent === undefined ? undefined : `${percent}%`;
        const found = planned({ batches, order, maxPerDomain }, hosts);
        expect(found.order.toSorted((x, y) => x - y)).toEqual(hosts.map((_, place) => place));
        expect(found.batches.reduce((sum, { size }) => sum + size, 0)).toBe(hosts.length);
        for (const { first, size, entry } of found.batches) {
          const places = found.order.slice(first, first + size);
          const wanted = batches[entry];
          if (wanted && 'size' in wanted) expect(size).toBeLessThanOrEqual(wanted.size);
          for (const [domain, share] of Object.entries(found.strategy.domains))
            expect(
              places.filter((place) => hosts[place]?.domain === domain).length,
            ).toBeLessThanOrEqual(share);
        }
      },
    ),
  );
});
