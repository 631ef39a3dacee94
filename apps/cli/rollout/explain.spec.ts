import { expect, it } from 'vitest';
import type { DecisionRecord, Explanation, FailureGroup } from '#api';
import { rolloutOf } from '../../../test/cli/rollout.ts';
import { run } from '../../../test/cli/run.ts';
import { json, serve } from '../../../test/cli/serve.ts';

const ROLLOUT = rolloutOf();

const TRIP: DecisionRecord = {
  number: 17,
  at: '2026-12-01T01:02:03.000Z',
  kind: 'trip',
  batch: 2,
  by: null,
  note: null,
  reason: ROLLOUT.reason,
  evidence: null,
  hosts: ['h3', 'h4'],
  before: 'running',
  after: 'paused',
  asked: null,
  explanation: 'Batch 2 tolerates no more failures.',
};

const GROUP: FailureGroup = {
  signature: 'disk-01234567',
  code: 'disk',
  message: 'h3: 10 bytes free',
  remedy: 'make room',
  count: 10,
  hosts: ['h3', 'h4'],
  shared: [
    {
      trait: 'rack',
      value: 'r7',
      failing: { having: 2, of: 2 },
      others: { having: 0, of: 8 },
      explanation: 'all 2 failing hosts have rack=r7; none of the 8 others does',
    },
  ],
};

const STANDING: Explanation = {
  rollout: ROLLOUT.id,
  state: 'paused',
  reason: ROLLOUT.reason,
  waits: [
    { message: 'a person who answers decision 17', until: null },
    { message: '3 hosts at work', until: '2026-12-01T02:00:00.000Z' },
  ],
  allowedActions: ['resume', 'rollback'],
};

/** A controller with that one rollout. */
async function controller(failures: FailureGroup[] = [GROUP]) {
  const { url } = await serve(({ path }, response) => {
    const what = path.replace(/\?.*/, '').split('/').at(-1);
    if (what === 'decisions') return json(response, 200, { items: [TRIP], nextCursor: null });
    if (what === 'failures') return json(response, 200, { items: failures, nextCursor: null });
    return json(response, 200, what === 'explanation' ? STANDING : ROLLOUT);
  });
  return { GOFLEET_URL: url, GOFLEET_TOKEN: 'x' };
}

it('explain tells what happened, what failed and why, what it waits for and what may be done', async () => {
  const { stdout, code } = await run(['rollout', 'explain', ROLLOUT.id], await controller());
  expect(stdout).toBe(`go-1.21.5-build-farm  01JEXAMPLE  paused  58.3 %
failure_budget: batch 2: 2 failed of 4, 1 tolerated (decision 17)

What happened:
  17  2026-12-01T01:02:03Z  Batch 2 tolerates no more failures.

What failed:
  disk: 10 hosts: h3: 10 bytes free
    h3, h4 and 8 more  (disk-01234567)
    shared: all 2 failing hosts have rack=r7; none of the 8 others does
    remedy: make room

It waits for:
  a person who answers decision 17
  3 hosts at work, until 2026-12-01T02:00:00.000Z

What may be done:
  gofleet rollout resume 01JEXAMPLE --mode retry                      # run what did not succeed again, then go on
  gofleet rollout resume 01JEXAMPLE --mode continue --acknowledge 17  # accept these failures and go on
  gofleet rollout rollback 01JEXAMPLE --scope batch                   # bring the hosts of the batch that tripped last back
  gofleet rollout rollback 01JEXAMPLE --scope failed                  # bring only the failed hosts back
  gofleet rollout rollback 01JEXAMPLE --scope all                     # bring every host that was changed back
`);
  expect(code).toBe(0);
});

it('explain says all of it in JSON', async () => {
  const { stdout } = await run(['rollout', 'explain', ROLLOUT.id, '--json'], await controller());
  expect(JSON.parse(stdout)).toEqual({ ...STANDING, decisions: [TRIP], failures: [GROUP] });
});

it('failures tells the groups, and that there is none', async () => {
  const { stdout } = await run(['rollout', 'failures', ROLLOUT.id], await controller());
  expect(stdout).toContain('shared: all 2 failing hosts have rack=r7');
  const none = await run(['rollout', 'failures', ROLLOUT.id], await controller([]));
  expect(none.stdout).toBe('no host stands failed\n');
});

it('status tells what failing hosts share', async () => {
  const { stdout } = await run(['rollout', 'status', ROLLOUT.id], await controller());
  expect(stdout).toContain('What failed:\ndisk: 10 hosts: h3: 10 bytes free');
});
