import { afterAll, beforeAll, expect, it } from 'vitest';
import { startLab, type Lab, type Listed } from '../lab/index.ts';
import { plan, startStack, syntheticBundle } from '../stack/index.ts';

let lab: Lab;

beforeAll(async () => {
  lab = await startLab({ hosts: ['x1', 'x2', 'x3'].map((name) => ({ name, diskMb: 96 })) });
});

afterAll(() => lab.stop());

it('hosts of another ledger are left untouched until an admin adopts them, and are then unchanged', async () => {
  const bundle = await syntheticBundle({ versions: ['1.21.5'] });
  {
    await using first = await startStack({ lab });
    await first.import(bundle);
    const { id } = await first.api.start(plan({ name: 'earlier' }));
    await first.api.untilState(id, 'succeeded');
  }
  const before = await everything();

  await using second = await startStack({ lab });
  await second.import(bundle);
  const { id } = await second.api.start(
    plan({ name: 'foreign', budgets: { maxFailures: '100%' } }),
  );
  const paused = await second.api.untilState(id, ['paused', 'completed_with_errors']);
  expect(paused.counts.failed).toBe(3);
  const rows = await second.api.hosts(id);
  expect(rows.map(({ code }) => code)).toEqual(Array(3).fill('foreign_fleet'));
  expect(await everything()).toEqual(before);
  if (paused.state === 'paused') await second.api.post(`/v1/rollouts/${id}/abort`);
  await second.api.untilState(id, ['aborted', 'completed_with_errors']);

  const adopted = await second.cli('hosts', 'adopt', 'x*', '--note', 'moved to the new controller');
  expect(adopted).toMatchObject({ code: 0 });
  const again = await second.api.start(plan({ name: 'adopted' }));
  const end = await second.api.untilState(again.id, ['succeeded', 'paused']);
  expect(end).toMatchObject({ state: 'succeeded', counts: { succeeded: 3, unchanged: 3 } });
});

/** The whole of what gofleet owns on each host, with times left out. */
async function everything(): Promise<Listed[][]> {
  return Promise.all(lab.hosts.map((host) => host.listing(['/opt/gofleet', '/usr/local', '/etc'])));
}
