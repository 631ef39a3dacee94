import { createHash } from 'node:crypto';

/** Hosts that a password is tried on at once before it has worked. */
const AT_ONCE = 2;
/** So many refusals in a row end the trying. */
const MOST_REFUSALS = 2;
/** Milliseconds in which hosts that come right after that are turned away too. */
const AFTERMATH = 1000;

/** What a password did on a host. `nothing`: no word of it, as where nobody answered. */
export type Verdict = 'worked' | 'refused' | 'nothing';

/** Keeps a wrong password from locking an account on many hosts. */
export interface Trials {
  /**
   * Runs when the login may be tried: at once where it has worked, else on two hosts at a time. `proven` is to be
   * called as soon as it has worked. Undefined, and nothing was run: the login was refused twice in a row.
   */
  run<T>(
    login: string | undefined,
    work: (proven: () => void) => Promise<{ result: T; verdict: Verdict }>,
    signal: AbortSignal,
  ): Promise<T | undefined>;
}

interface Trial {
  proven: boolean;
  trying: number;
  refusals: number;
  /** Monotonic; when refusals ended the trying. */
  heldAt: number;
  /** Told whether to go on. */
  waiting: ((go: boolean) => void)[];
}

export function openTrials(): Trials {
  const trials = new Map<string, Trial>();

  function trialOf(login: string): Trial {
    const fresh = { proven: false, trying: 0, refusals: 0, heldAt: -Infinity, waiting: [] };
    const trial = trials.get(login) ?? fresh;
    trials.set(login, trial);
    return trial;
  }

  return {
    async run(login, work, signal) {
      if (login === undefined) return (await work(() => undefined)).result;
      const trial = trialOf(login);
      if (!(await turn(trial, signal))) return undefined;
      trial.trying += 1;
      try {
        const { result, verdict } = await work(() => prove(trial));
        note(trial, verdict);
        return result;
      } finally {
        trial.trying -= 1;
        callNext(trial);
      }
    },
  };
}

/** Names a login by what is secret in it, without telling it; undefined where no password is tried. */
export function loginOf(user: string, ...passwords: (string | undefined)[]): string | undefined {
  if (passwords.every((password) => password === undefined)) return undefined;
  const whole = JSON.stringify([user, ...passwords]);
  return createHash('sha256').update(whole).digest('hex');
}

/** Waits for a turn; one who is to stop does not wait, and finds out by itself. */
async function turn(trial: Trial, signal: AbortSignal): Promise<boolean> {
  if (performance.now() - trial.heldAt < AFTERMATH) return false;
  if (trial.proven || hasRoom(trial) || signal.aborted) return true;
  return new Promise((resolve) => {
    const answer = (go: boolean) => {
      signal.removeEventListener('abort', stop);
      resolve(go);
    };
    const stop = () => {
      trial.waiting = trial.waiting.filter((each) => each !== answer);
      answer(true);
    };
    signal.addEventListener('abort', stop, { once: true });
    trial.waiting.push(answer);
  });
}

function prove(trial: Trial): void {
  trial.proven = true;
  trial.refusals = 0;
  for (const answer of trial.waiting.splice(0)) answer(true);
}

function note(trial: Trial, verdict: Verdict): void {
  if (verdict === 'worked') prove(trial);
  if (verdict !== 'refused') return;
  trial.proven = false;
  trial.refusals += 1;
  if (trial.refusals < MOST_REFUSALS) return;
  trial.refusals = 0;
  trial.heldAt = performance.now();
  for (const answer of trial.waiting.splice(0)) answer(false);
}

/** After a first refusal only one more is tried, so that a second is the last. */
function hasRoom({ trying, refusals }: Trial): boolean {
  return trying + refusals < AT_ONCE;
}

function callNext(trial: Trial): void {
  if (hasRoom(trial)) trial.waiting.shift()?.(true);
}
