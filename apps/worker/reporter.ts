import { PROTOCOL, type Claim, type Outcome, type Report, type StepRecord } from '#api';
import { isGofleetError, toGofleetError, type GofleetError } from '#errors';
import type { Logger } from 'pino';
import type { ControllerClient } from './controller-client.ts';
import { outcomeLines, stepLine } from './log-lines.ts';

const BEAT = 5000;
/** Steps wait this long for company; what somebody waits for goes at once. */
const STEPS_WAIT = 200;
/** Between two calls at least, so that a worker with many hosts says what they have to say together. */
const BETWEEN = 100;
const MOST_AT_ONCE = 200;
const MOST_BYTES = 1_000_000;
const FIRST_PAUSE = 200;
const LONGEST_PAUSE = 2000;

/** What one claim tells the controller, and what it hears from it. */
export interface ClaimReports {
  /** Aborted when the controller, or the end of this worker, wants the claim to stop at the next safe point. */
  readonly signal: AbortSignal;
  step(record: StepRecord): void;
  log(text: string): void;
  /** Resolves when the controller has written down that the switch begins, or when the claim is to stop. */
  switching(): Promise<void>;
  /** Whether the lease still holds for sure: without an answer for its length no switch may start. */
  mayStartSwitch(): boolean;
  /** Resolves when the controller has committed it. The claim is over then. */
  outcome(outcome: Outcome): Promise<void>;
}

/** Carries all reports of this worker, again and again until the controller has committed them. */
export interface Reporter {
  /** Whether this claim is under way here: the same invitation may come twice, and is granted the same claim then. */
  has(claim: Claim): boolean;
  /** `askedAt` is the monotonic time at which the claim was asked for: its lease began no earlier. */
  open(claim: Claim, askedAt: number): ClaimReports;
  /** Tells the controller that no more claims come, and every claim to stop. */
  drain(): void;
  /** Ends the beats; resolves once all that is waiting was accepted. */
  close(): Promise<void>;
}

interface Waiting {
  report: Report;
  bytes: number;
  accepted: () => void;
}

interface AtWork {
  claim: Claim;
  stop: AbortController;
  /** Monotonic; when the lease was renewed for sure. */
  renewedAt: number;
  seq: number;
}

export function openReporter(client: ControllerClient, worker: string, log: Logger): Reporter {
  const claims = new Map<string, AtWork>();
  let waiting: Waiting[] = [];
  const state = { open: true, closing: false, poison: false, trouble: '' };
  let wake = Promise.withResolvers<void>();
  let hurry = Promise.withResolvers<void>();
  let soon: NodeJS.Timeout | undefined;
  const loop = beat();

  async function beat(): Promise<void> {
    let pause = FIRST_PAUSE;
    while (!state.closing || waiting.length > 0) {
      const sent = await send();
      pause = sent ? FIRST_PAUSE : Math.min(pause * 2, LONGEST_PAUSE);
      if (!sent) await sleep(pause);
      else if (!state.closing) await next();
    }
  }

  /** The first thing to say after a while is said at once, and so is a failure; what else follows closely waits for company. */
  async function next(): Promise<void> {
    const paused = sleep(BETWEEN);
    if (waiting.length === 0) await wakeOrBeat();
    await Promise.race([paused, hurry.promise]);
  }

  async function wakeOrBeat(): Promise<void> {
    const timer = setTimeout(() => wake.resolve(), BEAT);
    await wake.promise;
    clearTimeout(timer);
  }

  /** One call with what is waiting; false where it has to be said again. */
  async function send(): Promise<boolean> {
    wake = Promise.withResolvers();
    if (!state.closing) hurry = Promise.withResolvers();
    const some = nextOf(waiting, state.poison ? 1 : MOST_AT_ONCE);
    const working = [...claims.values()];
    const sentAt = performance.now();
    try {
      const answer = await client.report({
        protocol: PROTOCOL,
        worker,
        working: working.map(({ claim }) => namesOf(claim)),
        open: state.open,
        reports: some.map(({ report }) => report),
      });
      for (const each of working) each.renewedAt = sentAt;
      for (const { why, ...claim } of answer.stop) claims.get(keyOf(claim))?.stop.abort(why);
      accept(some);
      state.poison = false;
      state.trouble = '';
      return true;
    } catch (error) {
      return refused(some, error);
    }
  }

  /** A report that the controller can never take must not hold up the others. */
  function refused(some: Waiting[], error: unknown): boolean {
    const unreadable = isGofleetError(error, 'invalid_file') || isGofleetError(error, 'too_large');
    complain(toGofleetError(error));
    if (!unreadable || some.length === 0) return false;
    if (some.length === 1) accept(some);
    state.poison = some.length > 1;
    return false;
  }

  /** Once for each trouble, and not every two seconds. */
  function complain({ code, message }: GofleetError): void {
    if (message !== state.trouble) log.warn({ code, message }, 'reports are not accepted');
    state.trouble = message;
  }

  function accept(some: Waiting[]): void {
    waiting = waiting.slice(some.length);
    for (const { accepted } of some) accepted();
  }

  function wakeForSteps(): void {
    soon = undefined;
    wake.resolve();
  }

  function say(claim: AtWork, what: Partial<Report>): Promise<void> {
    claim.seq += 1;
    const report = { ...namesOf(claim.claim), seq: claim.seq, ...what };
    const { promise, resolve } = Promise.withResolvers<void>();
    waiting.push({ report, bytes: JSON.stringify(report).length, accepted: resolve });
    if (what.outcome && what.outcome.state !== 'succeeded') hurry.resolve();
    if (what.outcome || what.switching) wake.resolve();
    else soon ??= setTimeout(wakeForSteps, STEPS_WAIT);
    return promise;
  }

  return {
    has: (claim) => claims.has(keyOf(claim)),
    open(claim, askedAt) {
      const mine: AtWork = { claim, stop: new AbortController(), renewedAt: askedAt, seq: 0 };
      claims.set(keyOf(claim), mine);
      if (!state.open) mine.stop.abort('drain');
      return {
        signal: mine.stop.signal,
        step: (step) => void say(mine, { step, log: stepLine(step) }),
        log: (text) => void say(mine, { log: text }),
        switching: () => Promise.race([say(mine, { switching: true }), abortOf(mine.stop.signal)]),
        mayStartSwitch: () => performance.now() - mine.renewedAt < claim.leaseMs,
        async outcome(outcome) {
          await say(mine, { outcome, log: outcomeLines(outcome) });
          if (claims.get(keyOf(claim)) === mine) claims.delete(keyOf(claim));
        },
      };
    },
    drain() {
      state.open = false;
      for (const { stop } of claims.values()) stop.abort('drain');
      wake.resolve();
    },
    close() {
      state.closing = true;
      hurry.resolve();
      wake.resolve();
      return loop;
    },
  };
}

function abortOf(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

function sleep(delay: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delay));
}

function nextOf(waiting: Waiting[], most: number): Waiting[] {
  let bytes = 0;
  const fits = waiting.slice(0, most).findIndex((each) => (bytes += each.bytes) > MOST_BYTES);
  return waiting.slice(0, fits < 0 ? most : Math.max(1, fits));
}

function namesOf({ rollout, host, epoch }: { rollout: string; host: number; epoch: number }) {
  return { rollout, host, epoch };
}

function keyOf({ rollout, host, epoch }: { rollout: string; host: number; epoch: number }): string {
  return `${rollout}.${host}.${epoch}`;
}
