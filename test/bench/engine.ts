import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { install, plan, syntheticBundle, type Api } from '../stack/index.ts';
import type { ClientsOptions, Latencies } from './engine/clients.ts';
import { startController, type BenchController } from './engine/controller.ts';
import { startPart, type Part } from './engine/part.ts';
import { FAILING, HOSTS as TRIP_HOSTS, tripAgain, type Trips } from './engine/trips.ts';
import type { WorkersOptions } from './engine/workers.ts';

const AT_WORK = 500;
const BATCH = 200;
const CLIENTS = 50;
const RATE = 2;
const TRIP_GROUPS = 3;

export interface EngineOptions {
  /** Hosts of the load. */
  hosts: number;
  /** A folder for the controller's CPU profile. */
  profile?: string | undefined;
}

/**
 * What the controller costs: the built one, with a real Redis and ledger, over HTTP; workers as they are, whose hosts
 * are made up. First the load alone, then the same with clients that look and with rollouts that trip.
 */
export async function engine(work: string, { hosts, profile }: EngineOptions): Promise<unknown> {
  await using controller = await startController(work, profile);
  await furnish(controller, hosts);
  await using workers = await startPart('workers.ts', {
    url: controller.api.url,
    token: controller.workerToken,
    redis: controller.redis,
    workers: 12,
    places: 50,
    failing: { prefix: FAILING, share: 0.3 },
  } satisfies WorkersOptions);
  const one = await load(controller, ['all'], hosts);
  show(`one rollout`, one);
  const five = await load(controller, GROUPS, hosts);
  show(`five rollouts`, five);
  const watched = await underWatch(controller, workers, hosts);
  const { rss } = await controller.measure();
  console.log(`  the controller's memory at its peak ${rss.toFixed(0)} MB, wanted under 400`);
  return { hosts, one, five, watched, rss, wanted: WANTED };
}

const WANTED = {
  cpuPerHost: 'at most 3 ms',
  lastClaim: 'p99 under 100 ms',
  overshoot: 'none where strict, else below the concurrency',
  latencies: 'p99 under 50 ms',
  rss: 'under 400 MB',
  longestBlock: 'under 100 ms',
};

const GROUPS = ['g0', 'g1', 'g2', 'g3', 'g4'];

/** A synthetic bundle, the fleet in five groups, and the small groups that trip. */
async function furnish(controller: BenchController, hosts: number): Promise<void> {
  await controller.import(await syntheticBundle({ versions: ['1.21.5'] }));
  const folder = join(controller.data, 'inventory');
  await mkdir(folder, { recursive: true });
  const fleet = GROUPS.map((group, at) => ({ group, names: namesOf('h', at, hosts / 5) }));
  const small = tripGroups().map((group, at) => ({
    group,
    names: namesOf(FAILING, at + 10, TRIP_HOSTS),
  }));
  await writeFile(join(folder, 'fleet.json'), inventoryOf(fleet));
  await writeFile(join(folder, 'small.json'), inventoryOf(small));
}

function tripGroups(): string[] {
  return Array.from({ length: TRIP_GROUPS * 2 }, (_, at) => `${FAILING}s${at}`);
}

function namesOf(prefix: string, group: number, count: number): string[] {
  return Array.from({ length: count }, (_, at) => `${prefix}${group}n${at}`);
}

function inventoryOf(groups: { group: string; names: string[] }[]): string {
  let count = 0;
  const key = `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${'A'.repeat(43)}`;
  const address = () => `127.${++count >> 16}.${(count >> 8) & 255}.${count & 255}`;
  const hostsOf = (names: string[]) =>
    Object.fromEntries(
      names.map((name) => [name, { ansible_host: address(), gofleet_host_key: key }]),
    );
  const children = Object.fromEntries(
    groups.map(({ group, names }) => [group, { hosts: hostsOf(names) }]),
  );
  return JSON.stringify({ all: { children } });
}

/** What the controller spent from the first claim to the end of all. */
interface Load {
  seconds: number;
  /** Milliseconds of CPU for each host. */
  cpuPerHost: number;
  /** The share of one core that it took meanwhile. */
  busy: number;
  longestBlock: number;
  p99Block: number;
}

async function load(
  controller: BenchController,
  groups: string[],
  hosts: number,
  during: (ids: string[]) => Promise<void> = async () => undefined,
): Promise<Load> {
  const { api } = controller;
  const ids: string[] = [];
  for (const group of groups) ids.push((await startLoad(api, group, groups.length)).id);
  await Promise.all(
    ids.map((id) => api.until(id, ({ counts }) => counts.running + counts.succeeded > 0)),
  );
  const start = performance.now();
  const before = await controller.measure();
  await during(ids);
  for (const id of ids) await untilEnd(api, id);
  const after = await controller.measure();
  const elapsed = performance.now() - start;
  const cpu = after.cpu - before.cpu;
  return {
    seconds: elapsed / 1000,
    cpuPerHost: cpu / hosts,
    busy: cpu / elapsed,
    longestBlock: after.block.longest,
    p99Block: after.block.p99,
  };
}

function startLoad(api: Api, targets: string, share: number) {
  return api.start(
    plan({
      name: `load-${targets}`,
      inventory: 'fleet.json',
      targets,
      playbook: install('1.21.5'),
      strategy: { batches: [{ size: BATCH }], concurrency: AT_WORK / share },
    }),
  );
}

async function untilEnd(api: Api, id: string): Promise<void> {
  for (;;) {
    const { state } = await api.rollout(id);
    if (state === 'succeeded') return;
    if (state !== 'running') throw new Error(`rollout ${id} is ${state}`);
    await sleep(1000);
  }
}

/** The same load again, with clients that look at it and rollouts that trip beside it. */
async function underWatch(controller: BenchController, workers: Part, hosts: number) {
  const { api } = controller;
  const groups = tripGroups();
  let ended = false;
  const until = () => ended;
  const tripping = (some: string[], strict: boolean) =>
    tripAgain(api, workers, { groups: some, strict, until });
  const ends = async (ids: string[]) => {
    for (const id of ids) await untilEnd(api, id);
    ended = true;
  };
  let seen: { latencies: Latencies; loose: Trips; strict: Trips } | undefined;
  const cost = await load(controller, GROUPS, hosts, async (rollouts) => {
    await using clients = await startPart('clients.ts', {
      url: api.url,
      token: api.token,
      rollouts,
      clients: CLIENTS,
      rate: RATE,
    } satisfies ClientsOptions);
    const [loose, strict] = await Promise.all([
      tripping(groups.slice(0, TRIP_GROUPS), false),
      tripping(groups.slice(TRIP_GROUPS), true),
      ends(rollouts),
    ]);
    seen = { latencies: await clients.ask<Latencies>('latencies'), loose, strict };
  });
  show('the same, watched, with trips beside it', cost);
  console.log(JSON.stringify(seen, null, 2));
  return { cost, ...seen };
}

function show(name: string, { seconds, cpuPerHost, busy, longestBlock, p99Block }: Load): void {
  console.log(
    `  ${name}: ${cpuPerHost.toFixed(2)} ms CPU a host (${seconds.toFixed(0)} s, ${(busy * 100).toFixed(0)} % of a core), ` +
      `event loop blocked ${p99Block.toFixed(0)} ms at p99, ${longestBlock.toFixed(0)} ms at most`,
  );
}
