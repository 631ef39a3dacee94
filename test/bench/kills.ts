import { startLab } from '../lab/index.ts';
import { killAtRandom, type Kill, type Round } from '../faults/kills.ts';
import { startStack, syntheticBundle } from '../stack/index.ts';

const KILLS = 50;
const HOSTS = 8;
const VERSIONS: [string, string] = ['1.21.5', '1.21.6'];

/** 50 real `kill -9` of controller, worker and Redis under rollouts on real hosts: what became of the hosts, and how soon work went on. */
export async function kills(): Promise<object> {
  const names = Array.from({ length: HOSTS }, (_, index) => ({
    name: `k${index + 1}`,
    diskMb: 128,
  }));
  const lab = await startLab({ hosts: names });
  try {
    await using stack = await startStack({ lab });
    await stack.import(await syntheticBundle({ versions: VERSIONS, megabytes: 2 }));
    const seed = Date.now() % 2 ** 31;
    const rounds = await killAtRandom({ lab, stack, kills: KILLS, seed, versions: VERSIONS });
    const summary = { seed, ...summaryOf(rounds) };
    console.log(summary);
    return summary;
  } finally {
    await lab.stop();
  }
}

function summaryOf(rounds: Round[]) {
  const all = rounds.flatMap(({ kills: some }) => some);
  const hosts = rounds.flatMap((round) => round.hosts);
  return {
    kills: Object.fromEntries(
      [...Map.groupBy(all, ({ victim }) => victim)].map(([victim, some]) => [victim, some.length]),
    ),
    rollouts: rounds.length,
    hosts: Object.fromEntries(
      [...Map.groupBy(hosts, ({ state, code }) => (code ? `${state}: ${code}` : state))].map(
        ([state, some]) => [state, some.length],
      ),
    ),
    switchedTwice: rounds.flatMap(({ switches }) => [...switches.values()]).filter((n) => n > 1)
      .length,
    worstSecondsUntilElsewhere: worst(all, 'elsewhere'),
    worstSecondsUntilOnAgain: worst(all, 'onAgain'),
  };
}

function worst(all: Kill[], of: 'elsewhere' | 'onAgain'): number {
  return Number(Math.max(0, ...all.map((kill) => kill[of] ?? 0)).toFixed(1));
}
