import { PROTOCOL, type Actor, type Claim, type Invitation } from '#api';
import { isGofleetError } from '#errors';
import type { VirtualClock } from './clock.ts';
import type { SimulatedController } from './controller.ts';
import type { SimulatedHost } from './host.ts';
import type { Fuse, WorkerPoint } from './points.ts';
import type { VirtualQueue } from './queue.ts';
import { createReporter } from './reporter.ts';
import { visit } from './visit.ts';

/** Hosts that one worker works on at once. */
const PLACES = 50;
const ASK_AGAIN = 500;

export interface WorkerParts {
  site: string;
  clock: VirtualClock;
  queue: VirtualQueue;
  controller: SimulatedController;
  fuse: Fuse;
  hostOf(claim: Claim): SimulatedHost;
  /** A claim was granted; called before anything is done with it. */
  granted(worker: SimulatedWorker, claim: Claim): void;
  /** Something that no worker expects. */
  fault(error: unknown): void;
  /** It died, by its own fuse. */
  died(worker: SimulatedWorker): void;
}

/** A worker process of one site. */
export interface SimulatedWorker {
  readonly id: string;
  readonly site: string;
  /** Claims that it works on, and those that it is asking for. */
  readonly busy: number;
  /** Claims that still are its own as far as it can know. */
  believed(): Claim[];
  kill(): void;
}

/** Takes invitations of its site as long as it has places, claims, works, reports: until it is killed. */
export function startWorker(id: string, parts: WorkerParts): SimulatedWorker {
  const { site, queue, controller, fuse } = parts;
  const by: Actor = { token: id, name: id, role: 'worker', site };
  const clock = parts.clock.process();
  const reporter = createReporter({ id, by }, controller, clock, (error) => parts.fault(error));
  let alive = true;
  let busy = 0;
  const deaf = queue.listen(site, take);
  const worker: SimulatedWorker = {
    id,
    site,
    get busy() {
      return busy;
    },
    believed: () => reporter.believed(),
    kill() {
      alive = false;
      deaf();
      clock.kill();
    },
  };
  take();
  return worker;

  function take(): void {
    while (busy < PLACES) {
      const invitation = alive ? queue.take(site) : undefined;
      if (!invitation) return;
      busy += 1;
      void work(invitation)
        .catch((error: unknown) => parts.fault(error))
        .finally(() => {
          busy -= 1;
          queue.done(invitation);
          take();
        });
    }
  }

  async function work(invitation: Invitation): Promise<void> {
    const askedAt = clock.monotonic();
    const claim = await ask(invitation);
    if (!claim || !alive || reporter.has(claim)) return;
    parts.granted(worker, claim);
    const reports = reporter.open(claim, askedAt);
    await pass('after a claim');
    const outcome = await visit({
      worker: id,
      host: parts.hostOf(claim),
      reports,
      clock,
      pass,
    });
    await pass('after the checks, before the report');
    await reports.outcome(outcome);
  }

  /** Until the controller answers; undefined where the host is not to be had. */
  async function ask(invitation: Invitation): Promise<Claim | undefined> {
    for (;;)
      try {
        const request = { protocol: PROTOCOL, release: 'simulator', worker: id, invitation };
        return await controller.call('claim', (conductor) => conductor.claim(by, request));
      } catch (error) {
        if (isGofleetError(error, 'superseded') || isGofleetError(error, 'conflict'))
          return undefined;
        if (!isGofleetError(error, 'unavailable')) {
          parts.fault(error);
          return undefined;
        }
        await clock.sleep(ASK_AGAIN);
      }
  }

  async function pass(point: WorkerPoint): Promise<void> {
    if (!fuse.blows(point)) return;
    worker.kill();
    parts.died(worker);
    await new Promise(() => undefined);
  }
}
