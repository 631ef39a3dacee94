import { describe, expect, it } from 'vitest';
import { parseDocument } from '#document';
import { isGofleetError } from '#errors';
import { RolloutPlan } from './index.ts';

const HEAD = 'kind: RolloutPlan\nname: p\ninventory: i\ntargets: all\nbundle: b\nplaybook: p\n';
const BATCHES = 'strategy:\n  batches:\n    - { size: 50, delay: 30s, maxFailures: 5 }\n';
const PLAN = HEAD + BATCHES;

function read(text: string): RolloutPlan {
  return parseDocument(text, RolloutPlan, { name: 'plan' });
}

function faultOf(text: string): unknown[] {
  try {
    read(text);
  } catch (error) {
    if (isGofleetError(error))
      return [error.code, error.errors[0]?.path, error.errors[0]?.line, error.errors[0]?.message];
  }
  throw new Error('no fault found');
}

it('fills in the defaults', () => {
  expect(read(PLAN)).toEqual({
    kind: 'RolloutPlan',
    name: 'p',
    labels: {},
    inventory: 'i',
    targets: 'all',
    bundle: 'b',
    playbook: 'p',
    strategy: {
      batches: [{ size: { count: 50 }, delay: 30_000, maxFailures: { count: 5 } }],
      concurrency: 50,
      order: 'inventory',
      bake: 0,
      strict: false,
      inflight: 'drain',
      onTrip: 'pause',
    },
    budgets: {},
    retries: { attempts: 3, backoff: 2000, maxBackoff: 30_000 },
    timeouts: { connect: 15_000, step: 600_000, host: 1_800_000, batch: 14_400_000 },
    windows: [],
    approval: { required: false, approvers: 1, expires: 86_400_000 },
    startWithin: 900_000,
    notify: [],
    limits: { handshakesPerJump: 8 },
  });
});

it('takes keys of later releases with their defaults', () => {
  const defaults = `  order: inventory
  bake: 0s
  strict: false
  onTrip: pause
  inflight: cancel
labels: {}
windows: []
startWithin: 15m
approval: { required: false, approvers: 1, expires: 24h }
limits: { handshakesPerJump: 8 }
`;
  expect(read(PLAN + defaults).strategy.inflight).toBe('cancel');
});

it('takes inventory and playbook by name, as text and inline', () => {
  const inline = PLAN.replace('inventory: i', 'inventory: { all: { hosts: { a: {} } } }').replace(
    'playbook: p',
    'playbook: { kind: Playbook }',
  );
  expect(read(inline)).toMatchObject({
    inventory: { all: { hosts: { a: {} } } },
    playbook: { kind: 'Playbook' },
  });
  expect(read(PLAN.replace('inventory: i', 'inventory: "a\\nb\\n"')).inventory).toBe('a\nb\n');
});

const LATER = 'not_supported_yet';
const WRONG = 'invalid_file';
const ENTRY = 'strategy.batches[0]';

const FAULTS: [text: string, code: string, path: string, line: number, message: RegExp][] = [
  // what a later release brings
  [`${PLAN}  order: spread\n`, LATER, 'strategy.order', 10, /only inventory/],
  [`${PLAN}  failureDomain: rack\n`, LATER, 'strategy.failureDomain', 10, /leave it out/],
  [`${PLAN}  maxPerDomain: "25%"\n`, LATER, 'strategy.maxPerDomain', 10, /leave it out/],
  [`${PLAN}  bake: 5m\n`, LATER, 'strategy.bake', 10, /only 0s/],
  [`${PLAN}  strict: true\n`, LATER, 'strategy.strict', 10, /only false/],
  [`${PLAN}  onTrip: rollback-batch\n`, LATER, 'strategy.onTrip', 10, /only pause/],
  [`${PLAN}labels: { ticket: OPS-1 }\n`, LATER, 'labels', 10, /empty mapping/],
  [`${PLAN}windows: [ { days: [sat] } ]\n`, LATER, 'windows', 10, /empty list/],
  [`${PLAN}timezone: Asia/Shanghai\n`, LATER, 'timezone', 10, /leave it out/],
  [`${PLAN}startAt: 2026-12-01T01:00:00Z\n`, LATER, 'startAt', 10, /leave it out/],
  [`${PLAN}startWithin: 1h\n`, LATER, 'startWithin', 10, /only 15m/],
  [`${PLAN}supersedes: 01J\n`, LATER, 'supersedes', 10, /leave it out/],
  [`${PLAN}approval: { required: true }\n`, LATER, 'approval.required', 10, /only false/],
  [`${PLAN}limits: { bandwidth: 1MB/s }\n`, LATER, 'limits.bandwidth', 10, /leave it out/],
  [`${PLAN}limits: { handshakesPerJump: 9 }\n`, LATER, 'limits.handshakesPerJump', 10, /only 8/],
  [`${PLAN}budgets: { maxSameSignature: 3 }\n`, LATER, 'budgets.maxSameSignature', 10, /leave/],
  [`${HEAD}strategy:\n  batches: [ { hosts: canary } ]\n`, LATER, `${ENTRY}.hosts`, 8, /leave/],
  [
    `${HEAD}strategy:\n  batches: [ { size: 1, approval: true } ]\n`,
    LATER,
    `${ENTRY}.approval`,
    8,
    /only false/,
  ],
  // what is missing or too much
  [HEAD, WRONG, 'strategy', 1, /missing/],
  [`${HEAD}strategy: {}\n`, WRONG, 'strategy.batches', 7, /missing/],
  [`${HEAD}strategy: { batches: [] }\n`, WRONG, 'strategy.batches', 7, /at least one/],
  [`${HEAD}strategy: { batches: [ { delay: 5s } ] }\n`, WRONG, ENTRY, 7, /exactly one of `size`/],
  [PLAN.replace('bundle: b\n', ''), WRONG, 'bundle', 1, /missing/],
  [PLAN.replace('targets: all', 'targets: ""'), WRONG, 'targets', 4, /empty/],
  [`${PLAN}retrys: {}\n`, WRONG, 'retrys', 10, /nearest known: `retries`/],
  [PLAN.replace('maxFailures', 'maxFailure'), WRONG, `${ENTRY}.maxFailure`, 9, /`maxFailures`/],
  // wrong values
  [PLAN.replace('size: 50', 'size: 0'), WRONG, `${ENTRY}.size`, 9, /more than 0/],
  [PLAN.replace('size: 50', 'size: "0%"'), WRONG, `${ENTRY}.size`, 9, /more than 0/],
  [PLAN.replace('size: 50', 'size: 2.5'), WRONG, `${ENTRY}.size`, 9, /found 2.5/],
  [PLAN.replace('s: 5 }', 's: "101%" }'), WRONG, `${ENTRY}.maxFailures`, 9, /"101%"/],
  [PLAN.replace('s: 5 }', 's: -1 }'), WRONG, `${ENTRY}.maxFailures`, 9, /found -1/],
  [PLAN.replace('30s', '30'), WRONG, `${ENTRY}.delay`, 9, /such as 30s/],
  [PLAN.replace('30s', '400d'), WRONG, `${ENTRY}.delay`, 9, /366 days/],
  [`${PLAN}  concurrency: 0\n`, WRONG, 'strategy.concurrency', 10, /at least 1/],
  [`${PLAN}  inflight: stop\n`, WRONG, 'strategy.inflight', 10, /drain, cancel/],
  [`${PLAN}retries: { attempts: 0 }\n`, WRONG, 'retries.attempts', 10, /at least 1/],
  [`${PLAN}retries: { backoff: 1m }\n`, WRONG, 'retries.maxBackoff', 10, /shorter than backoff/],
  // timeouts nest
  [`${PLAN}timeouts: { connect: 0s }\n`, WRONG, 'timeouts.connect', 10, /more than 0s/],
  [`${PLAN}timeouts: { connect: 10m }\n`, WRONG, 'timeouts.step', 10, /longer than connect/],
  [`${PLAN}timeouts:\n  step: 1h\n`, WRONG, 'timeouts.host', 10, /longer than step/],
  [`${PLAN}timeouts:\n  host: 4h\n  batch: 4h\n`, WRONG, 'timeouts.batch', 12, /longer than host/],
  // notifications
  [`${PLAN}notify: [ { on: [paused] } ]\n`, WRONG, 'notify[0]', 10, /exactly one of `webhook`/],
  [`${PLAN}notify: [ { command: ../x } ]\n`, WRONG, 'notify[0].command', 10, /notify folder/],
  [`${PLAN}notify: [ { webhook: page.sh } ]\n`, WRONG, 'notify[0].webhook', 10, /https:/],
  [`${PLAN}notify: [ { command: x, on: [pause] } ]\n`, WRONG, 'notify[0].on[0]', 10, /: paused$/],
];

describe('refuses, with path and line', () => {
  it.each(FAULTS)('%j', (text, code, path, line, message) => {
    expect(faultOf(text)).toEqual([code, path, line, expect.stringMatching(message)]);
  });
});

it('takes at most 1,000 batches', () => {
  const entries = '    - { size: 1 }\n'.repeat(1001);
  expect(faultOf(`${HEAD}strategy:\n  batches:\n${entries}`)[3]).toMatch(/at most 1000/);
});
