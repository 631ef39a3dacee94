import { setTimeout as sleep } from 'node:timers/promises';
import type { Claim } from '#api';
import type { HostSummary, Outcome } from '#operations';
import { takeInvitations } from '#queue';
import { pino } from 'pino';
import { openControllerClient } from '../../../apps/worker/controller-client.ts';
import { openReporter, type ClaimReports } from '../../../apps/worker/reporter.ts';
import { work } from '../../../apps/worker/work.ts';
import { answerAs } from './part.ts';

/** Workers as they are, but for the hosts: what a visit does and says is made up. */
export interface WorkersOptions {
  url: string;
  token: string;
  redis: string;
  workers: number;
  /** Hosts at work at once, each worker. */
  places: number;
  /** Hosts whose name begins so are quick, and this share of them fails. */
  failing: { prefix: string; share: number };
}

/** What was seen of a rollout, in milliseconds of this process's clock. */
export interface Seen {
  claims: number[];
  failures: number[];
}

const options = JSON.parse(process.argv[2] ?? '{}') as WorkersOptions;
const log = pino({ enabled: false });
const seen = new Map<string, Seen>();
for (let number = 1; number <= options.workers; number++) startWorker(`bench-${number}`);
answerAs((rollout: string) => seen.get(rollout) ?? { claims: [], failures: [] });

function startWorker(worker: string): void {
  const client = openControllerClient(options.url, options.token);
  const reporter = openReporter(client, worker, log);
  const controller = {
    ...client,
    async claim(request: Parameters<typeof client.claim>[0]) {
      const claim = await client.claim(request);
      if (claim) seenOf(claim.rollout).claims.push(performance.now());
      return claim;
    },
  };
  const draining = new AbortController().signal;
  takeInvitations({
    redisUrl: options.redis,
    prefix: 'gofleet',
    site: 'default',
    concurrency: options.places,
    take: (invitation) => work(invitation, { worker, controller, reporter, visit, draining, log }),
  });
}

function seenOf(rollout: string): Seen {
  const found = seen.get(rollout) ?? { claims: [], failures: [] };
  seen.set(rollout, found);
  return found;
}

/** The words of a real visit that installs a toolchain, in the time that its host takes. */
async function visit(claim: Claim, reports: ClaimReports): Promise<Outcome> {
  const quick = claim.name.startsWith(options.failing.prefix);
  const whole = quick ? 200 + Math.random() * 800 : 2000 + Math.random() * 4000;
  const step = async (name: string, share: number) => {
    const at = new Date().toISOString();
    await sleep(whole * share);
    reports.step({ name, at, ms: Math.round(whole * share), ok: true });
  };
  const none = { unchanged: false, switched: false, attempts: 1, bytesSent: 0 };
  await step('connect', 0.1);
  await step('facts', 0.1);
  await step('upload go1.21.5', 0.6);
  if (reports.signal.aborted) return { ...none, state: 'cancelled', code: 'stopped' };
  if (quick && Math.random() < options.failing.share) {
    seenOf(claim.rollout).failures.push(performance.now());
    const message = `only 12 MB are free on ${claim.name}, 300 MB are needed`;
    return { ...none, state: 'failed', code: 'disk', message, remedy: 'Make room.' };
  }
  await reports.switching();
  await step('switch and check', 0.2);
  const before = summary(claim, null);
  const after = summary(claim, '1.21.5-0123456789ab');
  return { ...none, switched: true, bytesSent: 200_000, before, after, state: 'succeeded' };
}

function summary({ rollout, fleet, epoch }: Claim, go: string | null): HostSummary {
  return {
    platform: 'linux/amd64',
    mode: 'root',
    user: 'root',
    root: '/opt/gofleet',
    freeBytes: 1_000_000_000,
    freeInodes: 1_000_000,
    go,
    modules: null,
    goVersion: go,
    rollout: go === null ? null : rollout,
    fleet: go === null ? null : fleet,
    epoch: go === null ? null : epoch,
    links: { '/usr/local/go': '/opt/gofleet/current/go' },
    checks: [{ check: 'go version', ok: true, output: 'go version go1.21.5 linux/amd64' }],
  };
}
