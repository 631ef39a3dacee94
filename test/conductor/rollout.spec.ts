import { expect, it } from 'vitest';
import { createStand, OPERATOR } from './stand.ts';

it('takes a rollout of three batches to its end, never more hosts at work than allowed', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  const rollout = await stand.create({ strategy: { concurrency: 2 } });
  expect(rollout).toMatchObject({ state: 'running', counts: { planned: 12, pending: 12 } });
  const ended = await stand.runUntil(rollout.id, 'succeeded');
  expect(ended.counts).toMatchObject({ succeeded: 12, unchanged: 0 });
  expect(ended.batches.map(({ state, size }) => [state, size])).toEqual([
    ['passed', 3],
    ['passed', 4],
    ['passed', 5],
  ]);
  expect(ended).toMatchObject({ percentComplete: 100, currentBatch: null });
  expect(ended.allowedActions).toEqual(['rollback']);
  expect(stand.worker.claims.map(({ host }) => host)).toEqual([...Array(12).keys()]);
  const { items } = await stand.conductor.listDecisions(rollout.id, { limit: 100 });
  expect(items.map(({ kind }) => kind)).toEqual([
    ...['startBatch', 'passGate', 'startBatch', 'passGate', 'startBatch', 'passGate', 'finish'],
  ]);
  const { items: fleet } = await stand.conductor.listFleet({ limit: 100 });
  expect(fleet).toHaveLength(12);
  expect(fleet[0]).toMatchObject({ owner: null, changedBy: rollout.id, lastOutcome: 'succeeded' });
  void OPERATOR;
});
