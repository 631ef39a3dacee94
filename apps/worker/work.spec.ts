import { pino } from 'pino';
import { expect, it } from 'vitest';
import type { Claim } from '#api';
import type { Outcome } from '#operations';
import type { ControllerClient } from './controller-client.ts';
import { openReporter } from './reporter.ts';
import { work, type WorkDeps } from './work.ts';

const log = pino({ enabled: false });
const invitation = { rollout: 'r', host: 1, delivery: 1 };
const claim = { ...invitation, epoch: 1, leaseMs: 15_000, name: 'h1' } as unknown as Claim;

/** A controller that grants the same claim again to the worker that holds it, as after an answer that was lost. */
const controller = {
  claim: async () => claim,
  report: async () => ({ leaseMs: 15_000, stop: [] }),
} as unknown as ControllerClient;

it('visits a host once when the same invitation comes twice', async () => {
  const reporter = openReporter(controller, 'w', log);
  const visits: (() => void)[] = [];
  const visit: WorkDeps['visit'] = () =>
    new Promise<Outcome>((ended) => {
      const outcome = { state: 'succeeded', unchanged: false, switched: true } as const;
      visits.push(() => ended({ ...outcome, attempts: 1, bytesSent: 0 }));
    });
  const draining = new AbortController().signal;
  const deps: WorkDeps = { worker: 'w', controller, reporter, visit, draining, log };
  const [first, second] = [work(invitation, deps), work(invitation, deps)];
  await second;
  expect(visits).toHaveLength(1);
  visits[0]?.();
  await first;
  await reporter.close();
});
