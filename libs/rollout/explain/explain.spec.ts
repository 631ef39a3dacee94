import { describe, expect, it } from 'vitest';
import { BY_RULE } from './explain-evidence.ts';
import { BY_VERB, askedVerb, type AskedVerb } from './explain-verbs.ts';
import { BY_KIND, explainDecision, type ToldDecision } from './explain.ts';
import type { Evidence } from '../view/decision.ts';
import { REASON_CODES } from '../view/states.ts';
import { VERBS } from '../verbs/verbs.ts';

const EVIDENCE: Evidence = {
  rule: 'failure_budget',
  scope: 'batch',
  batch: 2,
  numerator: 9,
  denominator: 100,
  limit: 8,
  acknowledged: 0,
};

function told(said: Partial<ToldDecision>): ToldDecision {
  return {
    number: 17,
    kind: 'trip',
    batch: 2,
    by: null,
    note: null,
    reason: null,
    evidence: null,
    hosts: [],
    before: null,
    after: null,
    asked: null,
    ...said,
  };
}

describe('a decision of gofleet says its rule, its numbers and the hosts that moved it', () => {
  const operator = { message: 'rolled back: batch 2' };
  const names = (count: number) => Array.from({ length: count }, (_, at) => `h${at}`);
  it.each<[Partial<ToldDecision>, string]>([
    [
      { evidence: EVIDENCE, hosts: names(9) },
      'Batch 2 tolerates no more failures (rule failure_budget): 9 of 100 hosts failed, 8 tolerated; ' +
        'the hosts are h0, h1, h2, h3, h4 and 4 others. No further host starts until a person answers.',
    ],
    [
      { evidence: { ...EVIDENCE, scope: 'rollout', batch: undefined }, hosts: ['h3'] },
      'The rollout tolerates no more failures (rule failure_budget): 9 of 100 hosts failed, 8 tolerated ' +
        'while batch 2 was at work; the host is h3. No further host starts until a person answers.',
    ],
    [
      { evidence: { ...EVIDENCE, rule: 'unreachable_budget', acknowledged: 3 } },
      'Batch 2 tolerates no more unreachable hosts (rule unreachable_budget): 9 of 100 hosts could not ' +
        'be reached, 8 tolerated, 3 more acknowledged. No further host starts until a person answers.',
    ],
    [
      {
        evidence: {
          ...EVIDENCE,
          rule: 'signature_concentration',
          scope: 'rollout',
          batch: undefined,
        },
      },
      'The rollout tolerates no more failures that look alike (rule signature_concentration): 9 of 100 ' +
        'hosts failed in the same way, 8 tolerated while batch 2 was at work. ' +
        'No further host starts until a person answers.',
    ],
    [
      { evidence: { ...EVIDENCE, rule: 'batch_failed', numerator: 3, denominator: 3, limit: 2 } },
      'Batch 2 had no host that succeeded (rule batch_failed): none of 3 hosts succeeded, one has to. ' +
        'No further host starts until a person answers.',
    ],
    [
      { evidence: { ...EVIDENCE, rule: 'deadline', numerator: 14_460_000, limit: 14_400_000 } },
      'Batch 2 took longer than it may (rule deadline): 4h1m at work, 4h are allowed. ' +
        'No further host starts until a person answers.',
    ],
    [
      { evidence: EVIDENCE, after: 'rolling_back' },
      'Batch 2 tolerates no more failures (rule failure_budget): 9 of 100 hosts failed, 8 tolerated. ' +
        'What the plan says of a trip: hosts are rolled back.',
    ],
    [
      { evidence: EVIDENCE, after: 'aborting' },
      'Batch 2 tolerates no more failures (rule failure_budget): 9 of 100 hosts failed, 8 tolerated. ' +
        'What the plan says of a trip: the rollout is aborted.',
    ],
    [
      {
        kind: 'passGate',
        evidence: { ...EVIDENCE, rule: 'pass_gate', numerator: 1, acknowledged: 6 },
      },
      'The gate of batch 2 opens: 1 of 100 hosts failed, 8 tolerated, 6 more acknowledged.',
    ],
    [{ kind: 'start', batch: null }, 'The rollout starts: from now on its hosts belong to it.'],
    [{ kind: 'askApproval', batch: null }, 'People are asked to approve the start.'],
    [
      { kind: 'askApproval' },
      'Batch 2 is within its budget; people are asked to approve its gate.',
    ],
    [
      { kind: 'pause', reason: { message: 'frozen by ada: payday' } },
      'Paused by gofleet: frozen by ada: payday.',
    ],
    [{ kind: 'startBatch', batch: 3 }, 'Batch 3 starts.'],
    [
      { kind: 'startBake' },
      'All hosts of batch 2 have ended; it bakes, then their health is checked again.',
    ],
    [{ kind: 'skipBatch' }, 'Batch 2 has only skipped hosts; its gate opens.'],
    [{ kind: 'startRollback' }, 'Hosts at work have ended; the rollback of batch 2 starts.'],
    [
      { kind: 'startRollback', batch: null },
      'Hosts at work have ended; the rollback of all hosts starts.',
    ],
    [
      { kind: 'endRollback', batch: null, after: 'completed_with_errors', reason: operator },
      'The rollback has ended: completed with errors (rolled back: batch 2).',
    ],
    [{ kind: 'finish', batch: null, after: 'succeeded' }, 'The rollout has ended: succeeded.'],
    [
      { kind: 'abort', batch: null, reason: { message: 'superseded by rollout 01K' } },
      'Aborted by gofleet (superseded by rollout 01K).',
    ],
    [
      { kind: 'quarantine', batch: null, by: 'ada' },
      'ada quarantined a host, which is skipped here.',
    ],
  ])('%j', (said, words) => {
    expect(explainDecision(told(said))).toBe(words);
  });
});

describe('a verb says who it was, what was asked and why', () => {
  it.each<[string, AskedVerb, string]>([
    ['pause', {}, 'olga paused it.'],
    ['pause', { inflight: 'cancel' }, 'olga paused it; hosts at work stop at the next safe point.'],
    ['resume', {}, 'olga resumed it.'],
    ['resume', { mode: 'retry' }, 'olga resumed it; what did not succeed runs again first.'],
    [
      'resume',
      { mode: 'continue', acknowledge: 17 },
      'olga resumed it and accepted the failures of decision 17.',
    ],
    [
      'resume',
      { mode: 'skip-batch', batch: 2 },
      'olga resumed it and left the rest of batch 2 out.',
    ],
    ['retry', { hosts: 3 }, 'olga had 3 hosts run again.'],
    [
      'retry',
      { states: ['failed', 'lost'] },
      'olga had all hosts that were failed or lost run again.',
    ],
    ['rollback', { scope: 'batch' }, 'olga asked for a rollback of batch 2.'],
    ['rollback', { scope: 'failed' }, 'olga asked for a rollback of the failed hosts.'],
    ['rollback', { scope: 'hosts', hosts: 1 }, 'olga asked for a rollback of 1 host.'],
    [
      'abort',
      { inflight: 'drain', rollback: 'none' },
      'olga aborted it; hosts at work are finished.',
    ],
    [
      'abort',
      { inflight: 'cancel', rollback: 'all' },
      'olga aborted it; hosts at work stop at the next safe point, then all hosts are rolled back.',
    ],
    [
      'abort',
      { stopRollback: true },
      'olga stopped the rollback; hosts not rolled back yet stay as they are.',
    ],
    ['approve', {}, 'olga approved the gate of batch 2.'],
    ['deny', {}, 'olga denied the gate of batch 2.'],
    ['advance', {}, 'olga ended the present delay, bake or wait for a window.'],
    ['skip', { hosts: 2 }, 'olga dropped 2 hosts.'],
    ['refresh', {}, 'olga had the connection variables of all hosts read again.'],
    ['extend', { targets: 'new' }, 'olga added hosts that match new.'],
    ['patch', { concurrency: 5, delays: '1m' }, 'olga changed concurrency, delays.'],
  ])('%s %j', (kind, asked, words) => {
    expect(explainDecision(told({ kind, asked, by: 'olga' }))).toBe(words);
  });

  it('a note is told as it was written, and the hosts that were taken', () => {
    const asked = { scope: 'batch' };
    const hosts = ['h0', 'h1'];
    const said = told({ kind: 'rollback', by: 'olga', note: 'disk full', asked, hosts });
    expect(explainDecision(said)).toBe(
      'olga asked for a rollback of batch 2 ("disk full"); the hosts are h0 and h1.',
    );
  });
});

it('every kind of decision, every verb and every rule that can trip has words of its own', () => {
  const kinds = Object.keys(BY_KIND);
  for (const kind of kinds) expect(explainDecision(told({ kind }))).toMatch(/^[A-Z][a-z ]+ .*\.$/);
  const verbs = [...VERBS, 'patch'];
  expect(Object.keys(BY_VERB).toSorted()).toEqual(verbs.toSorted());
  const trips = REASON_CODES.filter((code) => /budget|batch_failed|deadline|signature/.test(code));
  for (const rule of trips) {
    expect(Object.keys(BY_RULE)).toContain(rule);
    const words = explainDecision(told({ evidence: { ...EVIDENCE, rule } }));
    expect(words).toMatch(/^Batch 2 (tolerates|had|took)/);
  }
});

it('what this release does not know is told all the same', () => {
  const reason = { message: 'restored from a backup' };
  expect(explainDecision(told({ kind: 'recover', after: 'paused', reason }))).toBe(
    'recover: paused (restored from a backup).',
  );
  const evidence = { ...EVIDENCE, rule: 'moon_phase' };
  expect(explainDecision(told({ kind: 'passGate', evidence }))).toBe(
    'The gate of batch 2 opens: 9 of 100, the limit is 8.',
  );
});

it('keeps what was asked without what is long or elsewhere', () => {
  const verb = {
    kind: 'refresh',
    hosts: ['a', 'b'],
    inventory: 'all: {}',
    note: 'moved',
  } as const;
  expect(askedVerb({ ...verb, hosts: [...verb.hosts] })).toEqual({ hosts: 2 });
});
