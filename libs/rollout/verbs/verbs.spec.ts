import { describe, expect, it } from 'vitest';
import { checkValue } from '#document';
import { isGofleetError } from '#errors';
import {
  allowedActions,
  answerCounts,
  emptyCounts,
  ROLLOUT_STATES,
  VERB_BODIES,
  VERBS,
  type VerbKind,
} from '../index.ts';

describe('bodies', () => {
  const DEFAULTS: [VerbKind, object, object][] = [
    ['pause', {}, {}],
    ['resume', {}, {}],
    ['resume', { mode: 'continue', acknowledge: 17, note: 'known' }, { acknowledge: 17 }],
    ['retry', { states: ['failed', 'lost'] }, { states: ['failed', 'lost'] }],
    ['rollback', {}, { scope: 'batch' }],
    ['rollback', { scope: 'hosts', hosts: ['a'] }, { hosts: ['a'] }],
    ['abort', {}, { inflight: 'drain', rollback: 'none', stopRollback: false }],
  ];
  it.each(DEFAULTS)('%s takes %j', (verb, body, expected) => {
    expect(checkValue<object>(body, VERB_BODIES[verb], { name: verb })).toMatchObject(expected);
  });

  const WRONG: [VerbKind, object, string, string][] = [
    ['pause', { inflight: 'stop' }, 'invalid_file', 'inflight'],
    ['pause', { nott: 'x' }, 'invalid_file', 'nott'],
    ['resume', { mode: 'stop' }, 'invalid_file', 'mode'],
    ['skip', {}, 'invalid_file', ''],
    ['skip', { states: ['succeeded'] }, 'invalid_file', 'states[0]'],
    ['approve', {}, 'invalid_file', 'planDigest'],
    ['extend', {}, 'invalid_file', 'targets'],
    ['resume', { acknowledge: 0 }, 'invalid_file', 'acknowledge'],
    ['resume', { note: 'x'.repeat(2001) }, 'invalid_file', 'note'],
    ['retry', {}, 'invalid_file', ''],
    ['retry', { hosts: ['a'], states: ['failed'] }, 'invalid_file', ''],
    ['retry', { states: ['succeeded'] }, 'invalid_file', 'states[0]'],
    ['rollback', { scope: 'hosts' }, 'invalid_file', 'hosts'],
    ['rollback', { hosts: ['a'] }, 'invalid_file', 'hosts'],
    ['rollback', { scope: 'all', batch: 1 }, 'invalid_file', 'batch'],
    ['abort', { stopRollback: true, rollback: 'all' }, 'invalid_file', 'rollback'],
  ];
  it.each(WRONG)('%s refuses %j', (verb, body, code, path) => {
    let found: unknown;
    try {
      checkValue<object>(body, VERB_BODIES[verb], { name: verb });
    } catch (error) {
      found = error;
    }
    expect(isGofleetError(found) && [found.code, found.errors[0]?.path]).toEqual([code, path]);
  });
});

it('allowedActions names what may be done, in its order', () => {
  const rollout = {
    batches: [],
    reason: undefined,
    window: undefined,
    windowWaivedUntil: undefined,
  };
  const allowed = Object.fromEntries(
    ROLLOUT_STATES.map((state) => [state, allowedActions({ ...rollout, state }, 0)]),
  );
  expect(allowed).toEqual({
    pending_approval: ['approve', 'deny', 'abort'],
    denied: [],
    scheduled: ['abort', 'skip', 'refresh', 'extend'],
    running: ['pause', 'retry', 'rollback', 'abort', 'skip', 'refresh', 'extend'],
    paused: ['resume', 'rollback', 'abort', 'retry', 'skip', 'refresh', 'extend'],
    rolling_back: ['rollback', 'abort'],
    aborting: ['rollback'],
    succeeded: ['rollback'],
    completed_with_errors: ['rollback'],
    rolled_back: [],
    aborted: ['rollback'],
    failed: ['rollback'],
  });
  expect(Object.keys(VERB_BODIES).toSorted()).toEqual([...VERBS].toSorted());
});

it('an answer counts every state and what is beside them', () => {
  const counts = emptyCounts();
  counts.states.succeeded = 5;
  counts.states.rolling_back = 2;
  counts.states.rollback_failed = 1;
  counts.unchanged = 3;
  counts.stickyAcknowledged = 1;
  counts.acknowledgedUnreachables = 1;
  expect(answerCounts(counts, 4)).toEqual({
    planned: 8,
    pending: 0,
    queued: 0,
    running: 0,
    succeeded: 5,
    failed: 0,
    unreachable: 0,
    lost: 0,
    cancelled: 0,
    skipped: 0,
    rollingBack: 2,
    rolledBack: 0,
    rollbackFailed: 1,
    unchanged: 3,
    excluded: 4,
    acknowledged: 2,
  });
});
