import { parentPort, workerData } from 'node:worker_threads';
import { openMemoryLedger } from '#ledger';
import { POINTS } from '#simulator';
import { runScenario } from '../simulator/run-scenario.ts';
import { scenario } from '../simulator/scenarios.ts';

/** The seeds of one thread: from `first`, every `step`th, below `runs`. */
export interface Share {
  first: number;
  step: number;
  runs: number;
}

/** What came of them. */
export interface Tally {
  /** How often somebody died at each point. */
  deaths: Record<string, number>;
  /** Seeds with what was wrong. */
  wrong: string[];
}

const { first, step, runs } = workerData as Share;
const tally: Tally = { deaths: {}, wrong: [] };
using ledger = openMemoryLedger();
for (let seed = first; seed < runs; seed += step) {
  const chosen = await scenario(String(seed));
  const point = POINTS[seed % POINTS.length] ?? POINTS[0];
  if (!point) break;
  const planned = { point, after: Math.floor(seed / POINTS.length) % 8 };
  try {
    const { result, complaints } = await runScenario(
      { ...chosen, crashes: [planned, ...chosen.crashes] },
      ledger,
    );
    for (const at of result.world.fuse.blown) tally.deaths[at] = (tally.deaths[at] ?? 0) + 1;
    tally.wrong.push(...complaints.map((what) => `seed ${seed}: ${what}`));
  } catch (error) {
    tally.wrong.push(`seed ${seed}: ${String(error)}`);
  }
}
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
parentPort?.postMessage(tally);
