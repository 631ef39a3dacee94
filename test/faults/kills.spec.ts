import { afterAll, beforeAll, expect, it } from 'vitest';
import { startLab, type Lab } from '../lab/index.ts';
import { expectToAddUp, startStack, syntheticBundle, type Stack } from '../stack/index.ts';
import { killAtRandom } from './kills.ts';

const VERSIONS: [string, string] = ['1.21.5', '1.21.6'];
const FINAL = ['succeeded', 'failed', 'unreachable', 'lost', 'cancelled', 'skipped'];

let lab: Lab;
let stack: Stack;

beforeAll(async () => {
  lab = await startLab({
    hosts: Array.from({ length: 6 }, (_, index) => ({ name: `k${index + 1}`, diskMb: 128 })),
  });
  stack = await startStack({ lab });
  await stack.import(await syntheticBundle({ versions: VERSIONS, megabytes: 2 }));
});

afterAll(async () => {
  await stack[Symbol.asyncDispose]();
  await lab.stop();
});

it(
  'killed at random: every host ends in one state, none is switched twice',
  { timeout: 240_000 },
  async () => {
    const rounds = await killAtRandom({ lab, stack, kills: 6, seed: 20261123, versions: VERSIONS });
    for (const { id, hosts, switches } of rounds) {
      expectToAddUp(await stack.api.rollout(id));
      expect(hosts.map(({ state }) => state).filter((state) => !FINAL.includes(state))).toEqual([]);
      for (const { name, state } of hosts) {
        expect({ name, switches: switches.get(name) }).toEqual({ name, switches: 1 });
        expect({ name, state }).toEqual({ name, state: 'succeeded' });
      }
    }
    const kills = rounds.flatMap((round) => round.kills);
    expect(kills).toHaveLength(6);
  },
);
