import { expect, it } from 'vitest';
import { failed } from './fake-worker.ts';
import { createStand, OPERATOR, planOf, type Stand } from './stand.ts';

/** Twenty hosts over four racks, of which those of rack r2 have no space left. */
async function rack(stand: Stand) {
  await stand.importBundle();
  stand.worker.behave = ({ host, task, name }) =>
    task === 'forward' && host % 4 === 2
      ? failed('disk', `${name}: ${host * 10} bytes free, 30 MB needed`)
      : { before: { kernel: '6.1', go: null }, after: { go: 'go1.21.5' } };
  const plan = planOf({
    hosts: 20,
    batches: [{ size: 12, maxFailures: 2 }, { size: 8 }],
    strategy: { concurrency: 1 },
  });
  Object.entries(plan.inventory.all.hosts).forEach(([name, vars], at) =>
    Object.assign(vars, { rack: `r${at % 4}`, asset: `asset-${name}` }),
  );
  const request = { text: JSON.stringify(plan), format: 'json' } as const;
  const { value } = await stand.conductor.createRollout(OPERATOR, request);
  return stand.runUntil(value.id, 'paused');
}

it('says what hosts that failed alike share and the others that were tried do not', async () => {
  await using stand = await createStand();
  const { id } = await rack(stand);
  const [group, ...others] = await stand.conductor.listFailures(id);
  expect(others).toEqual([]);
  expect(group).toMatchObject({ code: 'disk', count: 3, hosts: ['h2', 'h6', 'h10'] });
  expect(group?.shared).toEqual([
    {
      trait: 'rack',
      value: 'r2',
      failing: { having: 3, of: 3 },
      others: { having: 0, of: 8 },
      explanation: 'all 3 failing hosts have rack=r2; none of the 8 others does',
    },
  ]);
});

it('explains each decision with rule, numbers and hosts, and what a person did with the note', async () => {
  await using stand = await createStand();
  const { id, reason } = await rack(stand);
  const decision = reason?.decision ?? 0;
  await stand.act(id, {
    kind: 'resume',
    mode: 'continue',
    acknowledge: decision,
    note: 'disks are ordered',
  });
  const { items } = await stand.conductor.listDecisions(id, { limit: 100 });
  const trip = items.find(({ kind }) => kind === 'trip');
  expect(trip).toMatchObject({ before: 'running', after: 'paused', note: null });
  expect(trip?.explanation).toBe(
    'Batch 1 tolerates no more failures (rule failure_budget): 3 of 12 hosts failed, 2 tolerated; ' +
      'the hosts are h2, h6 and h10. No further host starts until a person answers.',
  );
  const resumed = items.find(({ kind }) => kind === 'resume');
  expect(resumed?.explanation).toBe(
    `olga resumed it and accepted the failures of decision ${decision} ("disks are ordered").`,
  );
});

it('says what it waits for now and until when, and what may be done', async () => {
  await using stand = await createStand();
  const { id, reason } = await rack(stand);
  expect(await stand.conductor.explain(id)).toEqual({
    rollout: id,
    state: 'paused',
    reason,
    waits: [
      {
        message: `a person who answers decision ${reason?.decision}: batch 1: 3 failed of 12, 2 tolerated`,
        until: null,
      },
    ],
    allowedActions: ['resume', 'rollback', 'abort', 'retry', 'skip', 'refresh', 'extend'],
  });
  const delayed = await stand.create({
    prefix: 'd',
    batches: [{ size: 3, delay: '1m' }, { size: 9 }],
  });
  stand.worker.behave = () => ({});
  await stand.run(30, async () => (await stand.get(delayed.id)).batches[0]?.state === 'passed');
  const passed = (await stand.get(delayed.id)).batches[0]?.passedAt ?? '';
  const until = new Date(Date.parse(passed) + 60_000).toISOString();
  const { waits, allowedActions } = await stand.conductor.explain(delayed.id);
  expect(waits).toEqual([{ message: 'the delay before batch 2', until }]);
  expect(allowedActions).toContain('advance');
});

it('trips when too many fail alike whatever the budgets, and says so', async () => {
  await using stand = await createStand();
  await stand.importBundle();
  stand.worker.behave = ({ host, name }) =>
    host % 2 === 0 ? failed('disk', `${name}: ${host} bytes free`) : failed('platform', `${host}`);
  const { id } = await stand.create({
    batches: [{ size: 12, maxFailures: 12 }],
    strategy: { concurrency: 1 },
    budgets: { maxSameSignature: 2 },
  });
  const { reason } = await stand.runUntil(id, 'paused');
  expect(reason?.code).toBe('signature_concentration');
  const { items } = await stand.conductor.listDecisions(id, { limit: 100 });
  const trip = items.find(({ kind }) => kind === 'trip');
  expect(trip).toMatchObject({
    hosts: ['h0', 'h2', 'h4'],
    evidence: { rule: 'signature_concentration', numerator: 3, denominator: 12, limit: 2 },
  });
  expect(trip?.explanation).toBe(
    'The rollout tolerates no more failures that look alike (rule signature_concentration): ' +
      '3 of 12 hosts failed in the same way, 2 tolerated while batch 1 was at work; ' +
      'the hosts are h0, h2 and h4. No further host starts until a person answers.',
  );
});
