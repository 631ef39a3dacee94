import { startLab } from '../lab/index.ts';
import { install, plan, startStack, syntheticBundle } from '../stack/index.ts';
import { peakMemoryOf } from './measure.ts';

const SESSIONS = 50;

/** Peak memory of controller and worker while 50 uploads go over slow links. */
export async function sessions(): Promise<unknown> {
  await using lab = await startLab({
    hosts: Array.from({ length: SESSIONS }, (_, index) => ({ name: `s${index + 1}`, diskMb: 64 })),
  });
  await using stack = await startStack({ lab });
  await stack.import(await syntheticBundle({ versions: ['1.21.5'], megabytes: 8 }));
  await Promise.all(lab.hosts.map((host) => host.link({ bytesPerSecond: 400_000 })));
  const { id } = await stack.api.start(
    plan({
      playbook: install('1.21.5'),
      strategy: { concurrency: SESSIONS },
      timeouts: { connect: '60s', step: '5m', host: '20m', batch: '1h' },
    }),
  );
  let together = 0;
  await stack.api.until(
    id,
    ({ state, counts }) => {
      together = Math.max(together, counts.running);
      return state !== 'running';
    },
    300,
  );
  const controller = await peakMemoryOf(await stack.pid('controller'));
  const worker = await peakMemoryOf(await stack.pid('worker'));
  console.log(
    `  ${together} at work at once: controller ${controller.toFixed(0)} MB, worker ${worker.toFixed(0)} MB`,
  );
  return { together, controller, worker, wanted: 'together under 400 MB' };
}
