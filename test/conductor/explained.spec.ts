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
  await stand.act(id, { kind: 'resume', acknowledge: decision, note: 'disks are ordered' });
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
