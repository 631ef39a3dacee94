import { openMemoryLedger } from '#ledger';
import { expect, it } from 'vitest';
import { runScenario, undisturbed } from './run-scenario.ts';
import { scenario } from './scenarios.ts';

const SCENARIOS = 50;

/** `GOFLEET_SEED=n` repeats one; without it the same ones are run every time. */
const ONE = process.env['GOFLEET_SEED'];
const SEEDS = ONE === undefined ? Array.from({ length: SCENARIOS }, (_, at) => String(at)) : [ONE];

it(
  'ends as it would have without crashes, and breaks no rule on the way',
  { timeout: 600_000 },
  async () => {
    using ledger = openMemoryLedger();
    for (const seed of SEEDS) {
      const chosen = await scenario(seed);
      const plain = await runScenario(undisturbed(chosen), ledger);
      const { result, complaints } = await runScenario(chosen, ledger);
      const said = `GOFLEET_SEED=${seed}, died ${result.world.fuse.blown.join('; ') || 'nowhere'}`;
      expect([...plain.complaints, ...complaints], said).toEqual([]);
      // what a trip leaves undone depends on its moment; a person who always goes on leaves nothing
      if (chosen.person !== 'continues' || chosen.onTrip !== 'pause') continue;
      expect(Object.fromEntries(result.hosts), said).toEqual(
        Object.fromEntries(plain.result.hosts),
      );
      expect(result.rollout.state, said).toBe(plain.result.rollout.state);
    }
  },
);
