import type { Claim } from '#api';
import type { Log, Sketch } from '#conductor';
import { openMemoryLedger, type MemoryLedger, type Queries } from '#ledger';
import { createClock, type VirtualClock } from './clock.ts';
import { createController, type SimulatedController } from './controller.ts';
import { drawLot, type Faults } from './faults.ts';
import { createHost, type SimulatedHost, type Violation } from './host.ts';
import { createFuse, type Crash, type Fuse } from './points.ts';
import { createQueue, type VirtualQueue } from './queue.ts';
import { createRandom } from './random.ts';
import { startWorker, type SimulatedWorker } from './worker.ts';

export interface WorldOptions {
  seed: string;
  /** Milliseconds since 1970. */
  start: number;
  hosts: readonly HostRow[];
  faults: Faults;
  /** What a host fails together with; undefined: alone. */
  domainOf?: (host: HostRow) => string | undefined;
  crashes?: readonly Crash[];
  workersPerSite?: number;
  /** Used again by one world after the other, which is much faster. */
  ledger?: MemoryLedger;
  /** Called at the end of each transaction, within it. */
  committed?: (queries: Queries, world: World) => Promise<void>;
}

/** A host as a rollout freezes it. */
export type HostRow = Sketch['rows'][number];

/** A fleet with its controller, queue and workers, in a time of its own. */
export interface World extends Disposable {
  readonly clock: VirtualClock;
  readonly queue: VirtualQueue;
  readonly controller: SimulatedController;
  readonly fuse: Fuse;
  readonly hosts: ReadonlyMap<string, SimulatedHost>;
  /** What never may happen and did. */
  readonly violations: Violation[];
  /** When each host was first claimed. */
  readonly touched: ReadonlyMap<string, number>;
  /** Workers that are alive. */
  readonly workers: ReadonlySet<SimulatedWorker>;
  start(): Promise<void>;
  /** All that can happen at this instant has happened. */
  settled(): Promise<void>;
  /** The controller dies and starts again after a while. */
  crash(): void;
  /** One of the workers dies, and another one starts after a while. */
  killWorker(): void;
}

export function createWorld(options: WorldOptions): World {
  const random = createRandom(`${options.seed}/world`);
  const clock = createClock(options.start);
  const queue = createQueue();
  const ledger = options.ledger ?? openMemoryLedger();
  const fuse = createFuse(options.crashes ?? []);
  const violations: Violation[] = [];
  const touched = new Map<string, number>();
  const hosts = new Map(options.hosts.map((host) => [host.name, newHost(host)]));
  const workers = new Set<SimulatedWorker>();
  let started = 0;

  function newHost(host: HostRow): SimulatedHost {
    const lot = drawLot(options.seed, host.name, options.domainOf?.(host), options.faults);
    return createHost(host.name, lot, (violation) => violations.push(violation));
  }

  function fault(error: unknown): void {
    const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
    violations.push({ host: '', what });
  }

  const log: Log = {
    info: () => undefined,
    warn: () => undefined,
    error(fields) {
      if ('error' in fields) fault(fields['error']);
    },
  };
  const { committed } = options;
  const controller = createController({
    clock,
    queue,
    ledger,
    fuse,
    log,
    ...(committed && { committed: (queries) => committed(queries, world) }),
  });

  /** Whoever had the host before must know by now that it has lost it. */
  function granted(worker: SimulatedWorker, claim: Claim): void {
    if (!touched.has(claim.name)) touched.set(claim.name, clock.now());
    for (const other of workers)
      for (const held of other.believed())
        if (held.name === claim.name && held.site === claim.site && held.epoch !== claim.epoch)
          violations.push({
            host: claim.name,
            what: `belongs to ${other.id} (epoch ${held.epoch}) and to ${worker.id} (epoch ${claim.epoch}) at once`,
          });
  }

  function hostOf(claim: Claim): SimulatedHost {
    const host = hosts.get(claim.name);
    if (!host) throw new RangeError(`there is no host ${claim.name}`);
    return host;
  }

  function addWorker(site: string): void {
    started += 1;
    const died = (worker: SimulatedWorker): void => bury(worker, site);
    const id = `${site}-${started}`;
    const parts = { site, clock, queue, controller, fuse, hostOf, granted, died, fault };
    workers.add(startWorker(id, parts));
  }

  function bury(worker: SimulatedWorker, site: string): void {
    workers.delete(worker);
    clock.after(random.integer(200, 5000), () => addWorker(site));
  }

  /** As its supervisor: whenever it is not up, it is started after a while. */
  function revive(): void {
    if (controller.up || reviving) return;
    reviving = true;
    clock.after(random.integer(200, 5000), () => {
      void controller
        .start()
        .catch(fault)
        .finally(() => (reviving = false));
    });
  }
  let reviving = false;

  const world: World = {
    clock,
    queue,
    controller,
    fuse,
    hosts,
    violations,
    touched,
    workers,
    async start() {
      await controller.start();
      await world.settled();
      const sites = [...new Set(options.hosts.map(({ site }) => site))];
      for (const site of sites)
        for (let count = 0; count < (options.workersPerSite ?? 1); count++) addWorker(site);
      await world.settled();
    },
    async settled() {
      for (let quiet = 0; quiet < 2;) {
        const before = controller.calls;
        await new Promise((resolve) => setImmediate(resolve));
        quiet = controller.calls === before ? quiet + 1 : 0;
      }
      if (!controller.up) revive();
    },
    crash: () => controller.crash(),
    killWorker() {
      const all = [...workers];
      if (all.length === 0) return;
      const worker = random.pick(all);
      worker.kill();
      bury(worker, worker.site);
    },
    [Symbol.dispose]() {
      controller.crash();
      for (const worker of workers) worker.kill();
      if (!options.ledger) ledger[Symbol.dispose]();
    },
  };
  return world;
}
