import { describe, expect, it } from 'vitest';
import { parseDocument } from '#document';
import { isGofleetError } from '#errors';
import { RolloutPlan } from '../index.ts';

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
      batches: [{ size: { count: 50 }, delay: 30_000, maxFailures: { count: 5 }, approval: false }],
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

it('takes every key, in the words of people', () => {
  const all = `${HEAD}strategy:
  batches:
    - { hosts: canary, maxFailures: 0, bake: 10m, approval: true }
    - { size: "25%", maxUnreachable: "1.5%" }
  order: spread
  failureDomain: rack
  maxPerDomain: "25%"
  bake: 1m
  strict: true
  inflight: cancel
  onTrip: rollback-batch
labels: { ticket: OPS-1234 }
budgets: { maxFailures: "5%", maxUnreachable: "10%", maxSameSignature: 3 }
timezone: Asia/Shanghai
windows: [ { days: [sat, sun], from: "01:00", to: "05:00", timezone: host } ]
approval: { required: true, approvers: 2, expires: 8h }
startAt: 2026-12-01T01:00:00+08:00
startWithin: 1h
supersedes: 01J
limits: { bandwidth: 200MB/s, perSite: 50MB/s, handshakesPerJump: 4 }
`;
  expect(read(all)).toMatchObject({
    strategy: {
      batches: [
        { hosts: 'canary', maxFailures: { count: 0 }, bake: 600_000, approval: true },
        { size: { basisPoints: 2500 }, maxUnreachable: { basisPoints: 150 }, delay: 0 },
      ],
      maxPerDomain: { basisPoints: 2500 },
      bake: 60_000,
    },
    windows: [{ days: ['sat', 'sun'], from: '01:00', to: '05:00', timezone: 'host' }],
    approval: { required: true, approvers: 2, expires: 28_800_000 },
    startAt: Date.parse('2026-11-30T17:00:00Z'),
    limits: { bandwidth: 200e6, perSite: 50e6, handshakesPerJump: 4 },
  });
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

const WRONG = 'invalid_file';
const ENTRY = 'strategy.batches[0]';

const FAULTS: [text: string, code: string, path: string, line: number, message: RegExp][] = [
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
  // failure domains
  [`${PLAN}  order: spread\n`, WRONG, 'strategy.order', 10, /needs `failureDomain`/],
  [`${PLAN}  maxPerDomain: "25%"\n`, WRONG, 'strategy.maxPerDomain', 10, /needs `failureDomain`/],
  [`${HEAD}strategy: { batches: [ { size: 1, hosts: a } ] }\n`, WRONG, ENTRY, 7, /exactly one of/],
  // time
  [`${PLAN}timezone: Asia/Shanghay\n`, WRONG, 'timezone', 10, /time zone database/],
  [`${PLAN}startAt: tomorrow\n`, WRONG, 'startAt', 10, /such as 2026-12-01T01:00:00Z/],
  [`${PLAN}windows: [ { from: "01:00" } ]\n`, WRONG, 'windows[0].to', 10, /missing/],
  [`${PLAN}windows: [ { from: "1:00", to: "5:00" } ]\n`, WRONG, 'windows[0].from', 10, /"01:00"/],
  [`${PLAN}approval: { approvers: 0 }\n`, WRONG, 'approval.approvers', 10, /at least 1/],
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
