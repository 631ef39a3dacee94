import { AsyncLocalStorage } from 'node:async_hooks';
import type { Actor } from '#api';
import { openSettling, type Conductor, type Dispatch, type Log } from '#conductor';
import { GofleetError } from '#errors';
import type { Ledger, MemoryLedger, Queries } from '#ledger';
import type { Store } from '#store';
import type { ProcessClock, VirtualClock } from './clock.ts';
import type { ControllerPoint, Fuse, Writer } from './points.ts';
import type { VirtualQueue } from './queue.ts';

/** What the controller of a simulated world is made of. */
export interface ControllerParts {
  clock: VirtualClock;
  queue: VirtualQueue;
  ledger: MemoryLedger;
  fuse: Fuse;
  log: Log;
  /** Called at the end of each transaction, within it. */
  committed?: (queries: Queries) => Promise<void>;
}

type Open = Awaited<ReturnType<typeof openSettling>>;

/** The real conductor as a process that can die at any of the named points and start again. */
export interface SimulatedController {
  readonly up: boolean;
  /** Ledger calls so far: no new one in a turn of the event loop means that all is done at this instant. */
  readonly calls: number;
  start(): Promise<void>;
  crash(): void;
  /** A worker's call: refused where the controller is not up, and cut off where it dies before the answer. */
  call<T>(kind: 'claim' | 'report', ask: (conductor: Conductor) => Promise<T>): Promise<T>;
  /** A person's call; it survives nothing. */
  ask<T>(kind: 'create' | 'verb' | 'read', ask: (open: Open) => Promise<T>): Promise<T>;
}

/** Whose transaction is asked for; the first of a call is its own, the rest are those of the loops that it woke. */
const context = new AsyncLocalStorage<{ writer: Writer; writes: number }>();

const SYSTEM: Actor = { token: 'simulator', name: 'simulator', role: 'admin', site: null };
export { SYSTEM as SIMULATOR };

export function createController(parts: ControllerParts): SimulatedController {
  let life: Life | undefined;
  let calls = 0;
  const count = (): void => {
    calls += 1;
  };

  function crash(): void {
    life?.clock.kill();
    life?.die();
    life = undefined;
    parts.ledger.crash();
  }

  async function inside<T>(writer: Writer, run: () => Promise<T>): Promise<T> {
    return context.run({ writer, writes: 0 }, run);
  }

  return {
    get up() {
      return life?.open !== undefined;
    },
    get calls() {
      return calls;
    },
    async start() {
      const born = createLife(parts, crash, count);
      life = born;
      const opened = await Promise.race([
        inside('open', () => born.begin()),
        born.dead.catch(() => null),
      ]);
      if (opened && life === born) born.open = opened;
    },
    crash,
    async call(kind, ask) {
      const mine = life;
      if (!mine?.open) throw gone();
      const { conductor } = mine.open;
      const value = await Promise.race([inside(kind, () => ask(conductor)), mine.dead]);
      mine.pass(`before the answer to a ${kind}`);
      if (life !== mine) throw gone();
      mine.pass(`after the answer to a ${kind}`);
      return value;
    },
    async ask(kind, ask) {
      const mine = life;
      if (!mine?.open) throw gone();
      const { open } = mine;
      if (kind === 'read') return Promise.race([ask(open), mine.dead]);
      return Promise.race([inside(kind, () => ask(open)), mine.dead]);
    },
  };
}

/** One process, from its start to its death. */
interface Life {
  clock: ProcessClock;
  open: Open | undefined;
  /** Rejects when the process dies. */
  dead: Promise<never>;
  die(): void;
  begin(): Promise<Open>;
  /** Dies here where it is time to. */
  pass(point: ControllerPoint): boolean;
}

function createLife(parts: ControllerParts, crash: () => void, count: () => void): Life {
  const clock = parts.clock.process(true);
  const { promise: dead, reject } = Promise.withResolvers<never>();
  dead.catch(() => undefined);
  let alive = true;

  function pass(point: ControllerPoint): boolean {
    if (!alive || !parts.fuse.blows(point)) return false;
    crash();
    return true;
  }

  /** What a dead process asks for is never done, and what it asked for never answered. */
  async function unless<T>(point: ControllerPoint, value: T): Promise<T> {
    return pass(point) || !alive ? new Promise<T>(() => undefined) : value;
  }

  const ledger = watchLedger(parts, { count, unless });
  const dispatch: Dispatch = {
    async invite(site, invitations) {
      await unless('before inviting', undefined);
      await parts.queue.invite(site, invitations);
      await unless('after inviting', undefined);
    },
    missing: (site, invitations) => parts.queue.missing(site, invitations),
    ping: () => parts.queue.ping(),
  };
  return {
    clock,
    open: undefined,
    dead,
    die() {
      alive = false;
      reject(gone());
    },
    begin: () =>
      openSettling({
        ledger,
        dispatch,
        clock: {
          now: () => clock.now(),
          monotonic: () => clock.monotonic(),
          after: (delay, call) =>
            clock.after(delay, () => context.run({ writer: 'timer', writes: 0 }, call)),
        },
        store: NO_STORE,
        folders: { inventory: '', playbooks: '' },
        knownHosts: [],
        runNotifyCommand: async () => undefined,
        log: parts.log,
        release: 'simulator',
        queue: { prefix: 'simulator', nameOf: (site) => site },
      }),
    pass,
  };
}

interface Watch {
  count(): void;
  unless<T>(point: ControllerPoint, value: T): Promise<T>;
}

function watchLedger(parts: ControllerParts, watch: Watch): Ledger {
  const inner = parts.ledger.open();
  return {
    fleet: inner.fleet,
    read(job) {
      watch.count();
      return inner.read(job);
    },
    async write(job) {
      watch.count();
      const writer = writing();
      const value = await inner.write(async (queries) => {
        const done = await job(queries);
        await parts.committed?.(queries);
        return watch.unless(`before commit of ${writer}`, done);
      });
      watch.count();
      return watch.unless(`after commit of ${writer}`, value);
    },
    [Symbol.asyncDispose]: () => inner[Symbol.asyncDispose](),
  };
}

function writing(): Writer {
  const mine = context.getStore();
  if (!mine) return 'conduct';
  mine.writes += 1;
  return mine.writes === 1 || mine.writer === 'timer' ? mine.writer : 'conduct';
}

function gone(): GofleetError {
  return new GofleetError('unavailable', 'the controller does not answer', {
    remedy: 'Nothing: it is asked again.',
  });
}

/** Nothing is stored or sent: hosts are simulated from the first byte on. */
const NO_STORE: Store = {
  folder: '',
  has: noStore,
  offset: noStore,
  append: noStore,
  adopt: noStore,
  fetch: noStore,
  get: noStore,
  verify: noStore,
  list: noStore,
  collect: noStore,
};

function noStore(): never {
  throw new TypeError('a simulation has no store');
}
