import { install, plan, type Stack } from '../stack/index.ts';
import { cpuOf } from './measure.ts';

/** One rollout over all hosts, from the POST to its end; CPU seconds of controller, worker and Redis. */
export async function rollOut(
  stack: Stack,
  bundle: string,
  version: string,
  concurrency: number,
): Promise<{ id: string; cpu: number }> {
  let id = '';
  const cpu = await ourCpu(stack, async () => {
    const started = await stack.api.start(
      plan({
        name: `bench-${version}`,
        bundle,
        playbook: install(version),
        strategy: { concurrency },
        timeouts: { connect: '15s', step: '5m', host: '20m', batch: '1h' },
      }),
    );
    ({ id } = started);
    const end = await stack.api.untilState(
      id,
      ['succeeded', 'paused', 'completed_with_errors'],
      900,
    );
    if (end.state !== 'succeeded') throw new Error(JSON.stringify(end, null, 2));
  });
  return { id, cpu };
}

export function rollBack(stack: Stack, id: string): Promise<number> {
  return ourCpu(stack, async () => {
    await stack.api.post(`/v1/rollouts/${id}/rollback`, { scope: 'all' });
    await stack.api.untilState(id, ['rolled_back', 'paused', 'completed_with_errors'], 300);
  });
}

async function ourCpu(stack: Stack, act: () => Promise<void>): Promise<number> {
  const pids = await Promise.all(
    (['controller', 'worker', 'redis'] as const).map((child) => stack.pid(child)),
  );
  const sum = async (): Promise<number> =>
    (await Promise.all(pids.map(cpuOf))).reduce((total, each) => total + each, 0);
  const before = await sum();
  await act();
  return (await sum()) - before;
}
