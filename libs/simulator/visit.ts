import type { Outcome } from '#api';
import type { ProcessClock } from './clock.ts';
import type { SimulatedHost, Switch } from './host.ts';
import type { WorkerPoint } from './points.ts';
import type { ClaimReports } from './reporter.ts';

/** What a simulated worker works on a host with. */
export interface VisitParts {
  worker: string;
  host: SimulatedHost;
  reports: ClaimReports;
  clock: ProcessClock;
  /** Never resolves where the worker dies at this point. */
  pass(point: WorkerPoint): Promise<void>;
}

type Ending = Partial<Outcome> & Pick<Outcome, 'state'>;

/** What the real worker does on a host, in the same order, with the host's own share of luck instead of a session. */
export async function visit(parts: VisitParts): Promise<Outcome> {
  const ending = (await connect(parts)) ?? (await work(parts));
  return {
    unchanged: false,
    switched: false,
    attempts: 1,
    bytesSent: 0,
    ...ending,
  };
}

/** Undefined: it answers. */
async function connect({ host, reports, clock }: VisitParts): Promise<Ending | undefined> {
  const { claim } = reports;
  if (host.lot.fate !== 'unreachable') {
    await clock.sleep(host.lot.connect);
    return undefined;
  }
  const { attempts, backoff, maxBackoff } = claim.retries;
  for (let attempt = 1; attempt <= attempts; attempt++) {
    await clock.sleep(claim.timeouts.connect);
    if (attempt < attempts) await clock.sleep(Math.min(backoff * 2 ** (attempt - 1), maxBackoff));
  }
  const gone = claim.task === 'probe' || claim.task === 'bake';
  return {
    state: gone ? 'lost' : 'unreachable',
    attempts,
    ...said('timeout', `no answer within ${claim.timeouts.connect / 1000} seconds`),
  };
}

async function work(parts: VisitParts): Promise<Ending> {
  const { host, reports } = parts;
  const { task, fleet, epoch } = reports.claim;
  if (task === 'read') return { state: 'succeeded' };
  const entered = await locked(parts, async () => host.enter(fleet, epoch));
  if (!entered) return { state: 'failed', ...said('superseded', 'a later claim has the host') };
  switch (task) {
    case 'forward':
      return stopAsked(reports) ?? (await forward(parts));
    case 'rollback':
      return stopAsked(reports) ?? (await back(parts));
    case 'probe':
    case 'bake':
      await parts.clock.sleep(host.lot.check);
      return checked(parts, false);
    default:
      throw new TypeError(task satisfies never);
  }
}

async function forward(parts: VisitParts): Promise<Ending> {
  const { host, reports, clock } = parts;
  if (host.lot.fate === 'fails_before')
    return { state: 'failed', ...said('disk', 'not enough space') };
  if (host.active === reports.claim.rollout) {
    await clock.sleep(host.lot.check);
    return { ...checked(parts, false), unchanged: !reports.claim.switched };
  }
  await clock.sleep(host.lot.stage);
  const stopped = stopAsked(reports);
  if (stopped) return stopped;
  await reports.switching();
  const late = stopAsked(reports);
  if (late) return late;
  if (!reports.mayStartSwitch()) return SILENT;
  await parts.pass('before a switch');
  return locked(parts, async () => {
    if (!host.owns(reports.claim.epoch)) return SUPERSEDED;
    await clock.sleep(host.lot.switch);
    host.switch(done(parts, 'forward'));
    await parts.pass('after a switch');
    await clock.sleep(host.lot.check);
    return checked(parts, true);
  });
}

async function back(parts: VisitParts): Promise<Ending> {
  const { host, reports, clock } = parts;
  const { rollout, epoch } = reports.claim;
  const before = host.before(rollout);
  if (!before || host.active !== rollout) return { state: 'rolled_back' };
  return locked(parts, async () => {
    if (!host.owns(epoch)) return SUPERSEDED;
    await parts.pass('before a switch');
    await clock.sleep(host.lot.switch);
    host.switch(done(parts, 'back'));
    await parts.pass('after a switch');
    return { state: 'rolled_back', switched: true };
  });
}

const SUPERSEDED: Ending = { state: 'failed', ...said('superseded', 'a later claim has the host') };
const SILENT: Ending = {
  state: 'released',
  ownFault: 'site_unavailable',
  ...said('site_unavailable', 'the controller has not answered for too long'),
};

function checked({ host, reports }: VisitParts, switched: boolean): Ending {
  const fails = host.lot.fate === 'fails_check' && host.active === reports.claim.rollout;
  const gone = reports.claim.task === 'probe' && host.active !== reports.claim.rollout;
  if (fails) return { state: 'failed', switched, ...said('health', 'a check failed') };
  if (gone) return { state: 'failed', switched, ...said('health', 'the version is not active') };
  return { state: 'succeeded', switched };
}

function stopAsked({ stopped, claim }: ClaimReports): Ending | undefined {
  if (!stopped) return undefined;
  const cancelled = stopped === 'cancel' && claim.task === 'forward';
  return { state: cancelled ? 'cancelled' : 'released', ...said('stopped', 'asked to stop') };
}

/** One script under the host's lock; where its worker dies the host gives the lock back all the same. */
async function locked<T>({ host, clock }: VisitParts, script: () => Promise<T>): Promise<T> {
  const release = await host.lock();
  if (!clock.alive) {
    release();
    return new Promise(() => undefined);
  }
  const callOff = clock.atDeath(release);
  try {
    return await script();
  } finally {
    callOff();
    release();
  }
}

function done({ worker, reports, clock }: VisitParts, direction: Switch['direction']): Switch {
  const { rollout, epoch } = reports.claim;
  return { at: clock.now(), worker, epoch, rollout, direction };
}

function said(code: string, message: string): Pick<Outcome, 'code' | 'message' | 'remedy'> {
  return { code, message, remedy: 'Look at the host.' };
}
