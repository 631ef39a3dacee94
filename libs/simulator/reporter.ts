import { PROTOCOL, type Actor, type Claim, type Outcome, type ReportRequest } from '#api';
import { isGofleetError } from '#errors';
import type { ProcessClock } from './clock.ts';
import type { SimulatedController } from './controller.ts';

const BEAT = 5000;
const FIRST_PAUSE = 200;
const LONGEST_PAUSE = 2000;

/** What one claim tells the controller, and what it hears from it. */
export interface ClaimReports {
  readonly claim: Claim;
  /** Why it is to stop at the next safe point, once it is. */
  readonly stopped: 'cancel' | 'superseded' | undefined;
  /** Without an answer for the length of the lease no switch may start. */
  mayStartSwitch(): boolean;
  /** Resolves when the controller has committed that the switch begins. */
  switching(): Promise<void>;
  /** Resolves when the controller has committed it. */
  outcome(outcome: Outcome): Promise<void>;
}

export interface Reporter {
  open(claim: Claim, askedAt: number): ClaimReports;
  /** Whether this very claim is open: its invitation came twice. */
  has(claim: Claim): boolean;
  /** Claims that still are the worker's as far as it can know: neither ended nor silent for a whole lease. */
  believed(): Claim[];
}

interface AtWork {
  claim: Claim;
  renewedAt: number;
  seq: number;
  ended: boolean;
  stopped: ClaimReports['stopped'];
}

interface Waiting {
  report: Report;
  accepted: () => void;
}

type Report = ReportRequest['reports'][number];

/** Carries all reports of one worker, again and again until the controller has committed them, and beats. */
export function createReporter(
  worker: { id: string; by: Actor },
  controller: SimulatedController,
  clock: ProcessClock,
  fault: (error: unknown) => void,
): Reporter {
  const claims = new Set<AtWork>();
  let waiting: Waiting[] = [];
  let idle: (() => void) | undefined;
  void beat();

  async function beat(): Promise<void> {
    for (let pause = FIRST_PAUSE; ;) {
      if (await send()) {
        pause = FIRST_PAUSE;
        if (waiting.length === 0) await newsOrBeat();
      } else {
        await clock.sleep(pause);
        pause = Math.min(pause * 2, LONGEST_PAUSE);
      }
    }
  }

  function newsOrBeat(): Promise<void> {
    return new Promise((resolve) => {
      const callOff = clock.beat(BEAT, resolve);
      idle = () => {
        callOff();
        resolve();
      };
    });
  }

  async function send(): Promise<boolean> {
    const some = [...waiting];
    const working = [...claims];
    const sentAt = clock.monotonic();
    try {
      const answer = await controller.call('report', (conductor) =>
        conductor.report(worker.by, {
          protocol: PROTOCOL,
          worker: worker.id,
          working: working.map(({ claim }) => namesOf(claim)),
          open: true,
          reports: some.map(({ report }) => report),
        }),
      );
      if (!clock.alive) return false;
      for (const each of working) each.renewedAt = sentAt;
      for (const { why, ...claim } of answer.stop)
        for (const each of claims) if (isSame(each.claim, claim)) each.stopped ??= why;
      waiting = waiting.slice(some.length);
      for (const { accepted } of some) accepted();
      return true;
    } catch (error) {
      if (!isGofleetError(error, 'unavailable')) fault(error);
      return false;
    }
  }

  function say(mine: AtWork, what: Partial<Report>): Promise<void> {
    mine.seq += 1;
    const report = { ...namesOf(mine.claim), seq: mine.seq, ...what };
    return new Promise((accepted) => {
      waiting.push({ report, accepted });
      idle?.();
      idle = undefined;
    });
  }

  return {
    has: (claim) => [...claims].some((each) => isSame(each.claim, claim)),
    believed: () =>
      [...claims]
        .filter(
          ({ ended, stopped, claim, renewedAt }) =>
            !ended && stopped !== 'superseded' && holds(clock, claim, renewedAt),
        )
        .map(({ claim }) => claim),
    open(claim, askedAt) {
      const mine: AtWork = { claim, renewedAt: askedAt, seq: 0, ended: false, stopped: undefined };
      claims.add(mine);
      return {
        claim,
        get stopped() {
          return mine.stopped;
        },
        mayStartSwitch: () => holds(clock, claim, mine.renewedAt),
        switching: () => say(mine, { switching: true }),
        async outcome(outcome) {
          mine.ended = true;
          await say(mine, { outcome });
          claims.delete(mine);
        },
      };
    },
  };
}

function holds(clock: ProcessClock, { leaseMs }: Claim, renewedAt: number): boolean {
  return clock.monotonic() - renewedAt < leaseMs;
}

type Names = Pick<Claim, 'rollout' | 'host' | 'epoch'>;

function namesOf({ rollout, host, epoch }: Names): Names {
  return { rollout, host, epoch };
}

function isSame(a: Names, b: Names): boolean {
  return a.rollout === b.rollout && a.host === b.host && a.epoch === b.epoch;
}
