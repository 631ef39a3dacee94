import { openMemoryLedger } from '#ledger';
import { NO_FAULTS, POINTS, runRollout } from '#simulator';
import { expect, it } from 'vitest';
import { person } from './persons.ts';
import { named, sketch } from './sketch.ts';

/** Bakes and asks people, so that every use case writes. */
const PLAN = {
  strategy: {
    batches: [{ size: 2, approval: true, delay: '20s' }, { size: 2 }],
    concurrency: 2,
  },
};

it.each(POINTS)('a death %s changes nothing of the end', async (point) => {
  using ledger = openMemoryLedger();
  const { rollout, hosts, world } = await runRollout({
    seed: point,
    start: Date.UTC(2026, 5, 1),
    sketch: await sketch(PLAN, named(4)),
    ledger,
    faults: { ...NO_FAULTS, durations: { p50: 6000, p90: 9000 } },
    crashes: [
      // `open` is passed again only where something made the controller start again
      ...(point.endsWith('of open') ? [{ point: 'before inviting' as const, after: 0 }] : []),
      { point, after: 0 },
    ],
    person: person('continues'),
  });
  expect(world.fuse.blown).toContain(point);
  expect(world.violations).toEqual([]);
  expect(rollout.state).toBe('succeeded');
  expect([...new Set(hosts.values())]).toEqual(['succeeded']);
  for (const { name, switches } of world.hosts.values())
    expect({ name, switches: switches.length }).toEqual({ name, switches: 1 });
});
