import { pino } from 'pino';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Claim, Outcome, ReportAnswer, ReportRequest } from '#api';
import { GofleetError } from '#errors';
import type { ControllerClient } from './controller-client.ts';
import { openReporter } from './reporter.ts';

const log = pino({ enabled: false });
const LEASE = 15_000;
const away = new GofleetError('unavailable', 'no answer', { remedy: 'none' });
const unreadable = new GofleetError('invalid_file', 'reports[1].log: wrong', { remedy: 'none' });

beforeEach(() => vi.useFakeTimers({ shouldAdvanceTime: true }));
afterEach(() => vi.useRealTimers());

/** A controller in memory: what it was told, and what it answers next. */
function controller() {
  const told: ReportRequest[] = [];
  let refusal: (request: ReportRequest) => Error | undefined = () => undefined;
  let stop: ReportAnswer['stop'] = [];
  const report = async (request: ReportRequest): Promise<ReportAnswer> => {
    const error = refusal(request);
    if (error) throw error;
    told.push(request);
    return { leaseMs: LEASE, stop: stop.splice(0) };
  };
  const reports = () => told.flatMap((request) => request.reports);
  return {
    client: { report } as ControllerClient,
    told,
    reports,
    refuse: (next: typeof refusal) => (refusal = next),
    stopNext: (next: ReportAnswer['stop']) => (stop = next),
  };
}

function claim(host: number): Claim {
  return { rollout: 'r', host, epoch: 1, leaseMs: LEASE } as Claim;
}

const done: Outcome = {
  state: 'succeeded',
  unchanged: false,
  switched: true,
  attempts: 1,
  bytesSent: 0,
};

it('says everything once, in order, and ends a claim with its outcome', async () => {
  const { client, told, reports } = controller();
  const reporter = openReporter(client, 'w', log);
  const one = reporter.open(claim(1), performance.now());
  one.log('a');
  await one.switching();
  await one.outcome(done);
  expect(reports().map(({ seq }) => seq)).toEqual([1, 2, 3]);
  await vi.advanceTimersByTimeAsync(5000);
  expect(told.at(-1)).toMatchObject({ reports: [], working: [], open: true });
});

it('beats every 5 s for all that it works on', async () => {
  const { client, told } = controller();
  const reporter = openReporter(client, 'w', log);
  reporter.open(claim(1), performance.now());
  reporter.open(claim(2), performance.now());
  await vi.advanceTimersByTimeAsync(15_500);
  const beats = told.filter(({ working }) => working.length === 2);
  expect(beats.length).toBeGreaterThanOrEqual(3);
  expect(beats.length).toBeLessThanOrEqual(4);
});

it('holds results while the controller is away, for as long as it takes', async () => {
  const { client, reports, refuse } = controller();
  const reporter = openReporter(client, 'w', log);
  const one = reporter.open(claim(1), performance.now());
  refuse(() => away);
  const accepted = vi.fn();
  void one.outcome(done).then(accepted);
  await vi.advanceTimersByTimeAsync(600_000);
  expect(accepted).not.toHaveBeenCalled();
  refuse(() => undefined);
  await vi.advanceTimersByTimeAsync(2500);
  expect(accepted).toHaveBeenCalled();
  expect(reports()).toHaveLength(1);
});

it('starts no switch without an answer for the length of a lease', async () => {
  const { client, refuse } = controller();
  const reporter = openReporter(client, 'w', log);
  const one = reporter.open(claim(1), performance.now());
  await vi.advanceTimersByTimeAsync(60_000);
  expect(one.mayStartSwitch()).toBe(true);
  refuse(() => away);
  await vi.advanceTimersByTimeAsync(9000);
  expect(one.mayStartSwitch()).toBe(true);
  await vi.advanceTimersByTimeAsync(7000);
  expect(one.mayStartSwitch()).toBe(false);
  refuse(() => undefined);
  await vi.advanceTimersByTimeAsync(2500);
  expect(one.mayStartSwitch()).toBe(true);
});

it('passes on what is to stop, to that claim alone', async () => {
  const { client, stopNext } = controller();
  const reporter = openReporter(client, 'w', log);
  const one = reporter.open(claim(1), performance.now());
  const two = reporter.open(claim(2), performance.now());
  stopNext([{ rollout: 'r', host: 2, epoch: 1, why: 'superseded' }]);
  await vi.advanceTimersByTimeAsync(5000);
  expect(one.signal.aborted).toBe(false);
  expect(two.signal.reason).toBe('superseded');
});

it('does not let one report that nobody can read hold up the others', async () => {
  const { client, reports, refuse } = controller();
  const reporter = openReporter(client, 'w', log);
  const one = reporter.open(claim(1), performance.now());
  refuse((request) =>
    request.reports.some(({ log: text }) => text === 'bad') ? unreadable : undefined,
  );
  for (const text of ['a', 'bad', 'c']) one.log(text);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(reports().map(({ log: text }) => text)).toEqual(['a', 'c']);
});

it('drains: every claim is asked to stop, also one that comes now', async () => {
  const { client, told } = controller();
  const reporter = openReporter(client, 'w', log);
  const one = reporter.open(claim(1), performance.now());
  reporter.drain();
  expect(one.signal.reason).toBe('drain');
  expect(reporter.open(claim(2), performance.now()).signal.reason).toBe('drain');
  await one.outcome({ ...done, state: 'released' });
  expect(told.at(-1)?.open).toBe(false);
  await reporter.close();
});
