import { setTimeout as sleep } from 'node:timers/promises';
import type { Rollout } from '#api';
import { install, plan, type Api } from '../../stack/index.ts';
import { spreadOf, type Part, type Spread } from './part.ts';
import type { Seen } from './workers.ts';

/** Small rollouts that trip, beside the load: how long until no claim is granted any more, and how far they overshoot. */
export interface Trips {
  samples: number;
  /** Milliseconds from the worker's saying of the tripping failure to the last claim that it was granted. */
  lastClaim: Spread;
  /** Failures beyond `tripsAt`: the most of one rollout, and the most allowed. */
  overshoot: { most: number; allowed: number };
}

const CONCURRENCY = 30;
const TOLERATED = 5;

/** Names of hosts that fail often. */
export const FAILING = 'trip';
/** Hosts of each place in which one rollout follows another. */
export const HOSTS = 100;

/** Lets one rollout after the other trip on the hosts of each group, until it is told to end. */
export async function tripAgain(
  api: Api,
  workers: Part,
  { groups, strict, until }: { groups: string[]; strict: boolean; until: () => boolean },
): Promise<Trips> {
  const samples: Sample[] = [];
  await Promise.all(
    groups.map(async (group) => {
      while (!until()) samples.push(await tripOnce(api, workers, group, strict));
    }),
  );
  return {
    samples: samples.length,
    lastClaim: spreadOf(samples.map(({ wait }) => wait)),
    overshoot: {
      most: Math.max(...samples.map(({ beyond }) => beyond)),
      allowed: strict ? 0 : CONCURRENCY - 1,
    },
  };
}

interface Sample {
  wait: number;
  beyond: number;
}

async function tripOnce(api: Api, workers: Part, group: string, strict: boolean): Promise<Sample> {
  const { id } = await api.start(
    plan({
      name: `trip-${group}`,
      inventory: 'small.json',
      targets: group,
      playbook: install('1.21.5'),
      strategy: {
        batches: [{ size: HOSTS, maxFailures: TOLERATED }],
        concurrency: CONCURRENCY,
        strict,
      },
    }),
  );
  const ended = await untilQuiet(api, id);
  const { claims, failures } = await workers.ask<Seen>(id);
  await api.post(`/v1/rollouts/${id}/abort`);
  const tripping = failures.toSorted((a, b) => a - b)[TOLERATED] ?? Number.NaN;
  return {
    wait: Math.max(0, Math.max(...claims) - tripping),
    beyond: ended.counts.failed - (TOLERATED + 1),
  };
}

async function untilQuiet(api: Api, id: string): Promise<Rollout> {
  for (;;) {
    const rollout = await api.rollout(id);
    const { queued, running } = rollout.counts;
    if (rollout.state === 'succeeded') throw new Error(`rollout ${id} did not trip`);
    if (rollout.state === 'paused' && queued + running === 0) return rollout;
    await sleep(500);
  }
}
