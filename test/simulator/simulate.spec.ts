import { SimulationBody } from '#api';
import { createSimulator, simulateOrder } from '#simulator';
import { expect, it, vi } from 'vitest';
import { named, sketch } from './sketch.ts';

vi.setConfig({ testTimeout: 120_000 });

const BY = { token: 'o', name: 'olga', role: 'operator', site: null } as const;

const plan = (hosts: number, batch: Record<string, unknown> = {}) =>
  sketch(
    { strategy: { batches: [{ size: 4, delay: '30s', maxFailures: 0, ...batch }] } },
    named(hosts, (number) => ({ rack: `rack-${number % 3}` })),
  );

const order = async (body: Record<string, unknown>, batch = {}) => ({
  sketch: await plan(12, batch),
  body: { ...SimulationBody.parse({ plan: 'x', ...body }), runs: 6 },
});

it('gives the same answer for the same seed, and another for another', async () => {
  const once = await simulateOrder(await order({ failureRate: 0.2 }));
  expect(await simulateOrder(await order({ failureRate: 0.2 }))).toEqual(once);
  expect(await simulateOrder(await order({ failureRate: 0.2, seed: 2 }))).not.toEqual(once);
});

it('never trips where nothing fails', async () => {
  const { trips, states, failed } = await simulateOrder(await order({ failureRate: 0 }));
  expect(trips).toMatchObject({ runs: 0, share: 0, after: null, touched: null });
  expect(states).toEqual([{ state: 'succeeded', runs: 6 }]);
  expect(failed).toEqual({ p50: 0, p90: 0 });
});

it('trips in the first batch where everything fails, before the second is touched', async () => {
  const { trips } = await simulateOrder(await order({ failureRate: 1 }));
  expect(trips).toMatchObject({ runs: 6, share: 1, batches: [{ batch: 1, runs: 6 }] });
  expect(trips.touched).toEqual({ p50: 4, p90: 4 });
});

it('says when hosts are to fare alike, and when they cannot', async () => {
  const racks = await simulateOrder(await order({ correlatedBy: 'rack' }));
  expect(racks.assumptions).toContain('two of three hosts fare as all with their rack do');
  expect(racks.warnings).toEqual([]);
  const rooms = await simulateOrder(await order({ correlatedBy: 'room' }));
  expect(rooms.warnings).toEqual(['correlatedBy: no host has the variable room']);
});

it('runs in a thread, one at a time, and refuses what would take too long', async () => {
  const small = await plan(3);
  const simulator = createSimulator({ sketchPlan: async () => small });
  const body = SimulationBody.parse({ plan: 'x', failureRate: 0, runs: 2 });
  const first = simulator.simulate(BY, body);
  await expect(simulator.simulate(BY, body)).rejects.toMatchObject({ code: 'unavailable' });
  expect(await first).toMatchObject({ runs: 2, hosts: 3 });
  const large = createSimulator({ sketchPlan: async () => ({ ...small, planned: 500 }) });
  await expect(large.simulate(BY, { ...body, runs: 1000 })).rejects.toMatchObject({
    code: 'invalid_request',
    message: expect.stringMatching(/at most 20000 hosts .* the plan has 500/),
    remedy: 'Ask for at most 40 runs, or narrow the plan with `limit`.',
  });
});
