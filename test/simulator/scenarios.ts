import type { Sketch } from '#conductor';
import {
  createRandom,
  POINTS,
  type Crash,
  type Disturbance,
  type Faults,
  type Random,
} from '#simulator';
import { PERSONS, type PersonName } from './persons.ts';
import { named, sketch } from './sketch.ts';

/** A plan, what goes wrong with its hosts, what goes wrong on our own side, and what a person does about it. */
export interface Scenario {
  seed: string;
  sketch: Sketch;
  /** As the plan says. */
  onTrip: string;
  faults: Faults;
  workersPerSite: number;
  crashes: Crash[];
  disturbances: Disturbance[];
  person: PersonName;
}

/** Anything, from a seed: small rollouts with every mixture of budgets, orders, faults and crashes. */
export async function scenario(seed: string): Promise<Scenario> {
  const random = createRandom(seed);
  const hosts = random.integer(8, 14);
  const sites = random.pick([1, 1, 2]);
  const plan = planOf(random.fork('plan'));
  return {
    seed,
    onTrip: plan.strategy.onTrip,
    sketch: await sketch(
      plan,
      named(hosts, (number) => ({
        site: `site-${number % sites}`,
        rack: `rack-${Math.floor(number / 4)}`,
      })),
    ),
    faults: faultsOf(random.fork('faults')),
    workersPerSite: random.pick([1, 2]),
    crashes: crashesOf(random.fork('crashes'), hosts),
    disturbances: disturbancesOf(random.fork('disturbances')),
    person: random.pick(PERSONS),
  };
}

function planOf(random: Random) {
  const tolerance = () => random.pick([undefined, 0, 1, 2, '25%']);
  const entries = random.integer(1, 3);
  const spread = random.chance(0.3);
  return {
    strategy: {
      batches: Array.from({ length: entries }, () => ({
        size: random.pick([1, 2, 3, 4, 6]),
        delay: random.pick(['0s', '0s', '20s']),
        maxFailures: tolerance(),
        ...(random.chance(0.3) && { maxUnreachable: tolerance() }),
        ...(random.chance(0.2) && { bake: '30s' }),
        ...(random.chance(0.1) && { approval: true }),
      })),
      concurrency: random.integer(1, 6),
      strict: random.chance(0.5),
      inflight: random.pick(['drain', 'drain', 'cancel']),
      onTrip: random.pick(['pause', 'pause', 'pause', 'rollback-batch', 'rollback-all', 'abort']),
      order: random.pick(['inventory', 'shuffled']),
      ...(spread && { order: 'spread', failureDomain: 'rack', maxPerDomain: '50%' }),
    },
    budgets: {
      ...(random.chance(0.4) && { maxFailures: tolerance() }),
      ...(random.chance(0.2) && { maxUnreachable: tolerance() }),
    },
    timeouts: { connect: '3s', step: '60s', host: '10m', batch: '24h' },
    ...(random.chance(0.15) && { windows: [{ from: '00:00', to: '01:00' }] }),
  };
}

function faultsOf(random: Random): Faults {
  const rate = () => random.pick([0, 0.1, 0.3]);
  return {
    failureRate: rate(),
    unreachableRate: rate() / 2,
    slowRate: random.pick([0, 0.2]),
    durations: { p50: 6000, p90: 15_000 },
    correlation: random.pick([0, 0.7]),
  };
}

function crashesOf(random: Random, hosts: number): Crash[] {
  return Array.from({ length: random.integer(0, 4) }, () => ({
    point: random.pick(POINTS),
    after: random.integer(0, hosts),
  }));
}

/** At any time in the first minutes. */
function disturbancesOf(random: Random): Disturbance[] {
  return Array.from({ length: random.integer(0, 2) }, () => ({
    at: random.integer(0, 90_000),
    what: random.pick(DISTURBANCES),
  }));
}

const DISTURBANCES: Disturbance['what'][] = [
  // Redis loses everything
  ({ queue }) => queue.flush(),
  // Redis does not answer for a while
  ({ queue, clock }) => {
    queue.down = true;
    clock.after(12_000, () => (queue.down = false));
  },
  // the machine stands still
  ({ clock }) => clock.stall(40_000),
  // the wall clock is set
  ({ clock }) => clock.step(90_000),
  ({ clock }) => clock.step(-90_000),
  // a worker, or the controller, is killed in the middle of anything
  (world) => world.killWorker(),
  (world) => world.crash(),
];
