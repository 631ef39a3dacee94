import { afterAll, beforeAll, expect, it } from 'vitest';
import { startLab, type Lab } from '../lab/index.ts';
import { install, plan, startStack, syntheticBundle, watchSwitches } from '../stack/index.ts';

let lab: Lab;
let bundle: string;

beforeAll(async () => {
  lab = await startLab({ hosts: ['t1', 't2', 't3', 't4'].map((name) => ({ name, diskMb: 128 })) });
  bundle = await syntheticBundle({ versions: ['1.21.5', '1.21.6'], megabytes: 2 });
  await Promise.all(lab.hosts.map((host) => host.link({ bytesPerSecond: 400_000 })));
});
afterAll(() => lab.stop());

it('ended by SIGTERM in the middle it is gone within 40 s, and the next start goes on', async () => {
  await using stack = await startStack({ lab });
  await stack.import(bundle);
  using switches = watchSwitches(lab.hosts);
  const { id } = await stack.api.start(plan({ strategy: { concurrency: 2 } }));
  await stack.api.until(id, ({ counts }) => counts.running === 2);
  const began = performance.now();
  expect(await stack.stop()).toBe(0);
  expect(performance.now() - began).toBeLessThan(40_000);

  await using again = await startStack({ lab, data: stack.data });
  expect((await again.api.rollout(id)).state).toBe('running');
  const end = await again.api.untilState(id, ['succeeded', 'paused']);
  expect(end).toMatchObject({ state: 'succeeded', counts: { succeeded: 4 } });
  expect([...switches.seen.values()]).toEqual([1, 1, 1, 1]);

  const next = await again.api.start(
    plan({ name: 'next', playbook: install('1.21.6'), strategy: { concurrency: 2 } }),
  );
  await again.api.until(next.id, ({ counts }) => counts.running === 2);
  const controller = await again.pid('controller');
  const asked = performance.now();
  process.kill(controller, 'SIGTERM');
  while (isAlive(controller)) await new Promise((done) => setTimeout(done, 50));
  expect(performance.now() - asked).toBeLessThan(30_000);
  expect(await again.api.untilState(next.id, ['succeeded', 'paused'])).toMatchObject({
    state: 'succeeded',
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
