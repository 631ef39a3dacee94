import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { POINTS } from '#simulator';
import type { Share, Tally } from './crashes-thread.ts';

const RUNS = Number(process.env['GOFLEET_RUNS'] ?? 10_000);

/** Simulated rollouts with a death at every named point in turn, and others at random: not one may end wrongly. */
export async function crashes(): Promise<unknown> {
  const threads = availableParallelism();
  const start = performance.now();
  const tallies = await Promise.all(
    Array.from({ length: threads }, (_, first) => run({ first, step: threads, runs: RUNS })),
  );
  const seconds = (performance.now() - start) / 1000;
  const deaths = Object.fromEntries(
    POINTS.map((point) => [
      point,
      tallies.reduce((all, tally) => all + (tally.deaths[point] ?? 0), 0),
    ]),
  );
  const wrong = tallies.flatMap((tally) => tally.wrong);
  for (const [point, times] of Object.entries(deaths))
    console.log(`  ${String(times).padStart(6)} died ${point}`);
  for (const each of wrong) console.log(`  WRONG ${each}`);
  const perMinute = Math.round((RUNS / seconds) * 60);
  console.log(`  ${RUNS} runs, ${wrong.length} wrong, ${perMinute} a minute in ${threads} threads`);
  return { runs: RUNS, wrong, perMinute, threads, deaths };
}

function run(share: Share): Promise<Tally> {
  return new Promise((resolve, reject) => {
    const thread = new Worker(new URL('./crashes-thread.ts', import.meta.url), {
      workerData: share,
    });
    thread.once('message', resolve);
    thread.once('error', reject);
  });
}
