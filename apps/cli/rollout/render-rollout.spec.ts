import pc from 'picocolors';
import { describe, expect, it } from 'vitest';
import { countsOf, rolloutOf } from '../../../test/cli/rollout.ts';
import { actionLines } from './action-lines.ts';
import { countsText, renderRollout, rollbackLines } from './render-rollout.ts';
import { eventLine, isOver } from './watch.ts';

const plain = pc.createColors(false);

describe('renderRollout', () => {
  it('says how it stands, why, and what may be done', () => {
    const text = renderRollout(rolloutOf(), plain, ' --data /srv/fleet');
    expect(text.split('\n')).toEqual([
      'go-1.21.5-build-farm  01JEXAMPLE  paused  58.3 %',
      'failure_budget: batch 2: 2 failed of 4, 1 tolerated (decision 17)',
      'plan sha256:abc  bundle go-1.21.5  playbook install-go  by alice',
      'created 2026-12-01T01:00:00.000Z  started 2026-12-01T01:00:01.000Z',
      '',
      'BATCH  STATE    HOSTS  OK  FAILED  UNREACHABLE  AT WORK  PENDING  ROLLED BACK  TRIPS AT  DELAY',
      '    1  passed       3   3       0            0        0        0            0         2     0s',
      '    2  tripped      4   2       2            0        0        0            0         2     0s',
      '    3  pending      5   0       0            0        0        5            0         2     0s',
      '',
      '12 hosts: 5 succeeded (1 unchanged), 5 pending, 2 failed',
      '',
      'What may be done with go-1.21.5-build-farm:',
      '  gofleet rollout resume 01JEXAMPLE --mode retry --data /srv/fleet                      # run what did not succeed again, then go on',
      '  gofleet rollout resume 01JEXAMPLE --mode continue --acknowledge 17 --data /srv/fleet  # accept these failures and go on',
      '  gofleet rollout rollback 01JEXAMPLE --scope batch --data /srv/fleet                   # bring the hosts of the batch that tripped last back',
      '  gofleet rollout rollback 01JEXAMPLE --scope failed --data /srv/fleet                  # bring only the failed hosts back',
      '  gofleet rollout rollback 01JEXAMPLE --scope all --data /srv/fleet                     # bring every host that was changed back',
      '  gofleet rollout abort 01JEXAMPLE --data /srv/fleet                                    # end it here; no more hosts are started',
      '  gofleet rollout retry 01JEXAMPLE --states failed --data /srv/fleet                    # run these hosts again',
      '  gofleet rollout skip 01JEXAMPLE --hosts NAMES --data /srv/fleet                       # drop hosts that have not started or not succeeded',
      '  gofleet rollout refresh 01JEXAMPLE --data /srv/fleet                                  # read again how hosts are reached',
      '  gofleet rollout extend 01JEXAMPLE --targets PATTERN --data /srv/fleet                 # add new hosts as batches at the end',
    ]);
  });

  it('names what a rollback left alone', () => {
    const reason = { code: 'superseded', message: 'a later rollout changed it' };
    const taken = {
      scope: 'batch' as const,
      batch: 2,
      hosts: ['a'],
      leftAlone: [{ host: 'b', reason }],
    };
    expect(rollbackLines(taken)).toEqual([
      'rolling back (batch 2): 1 host',
      '  left alone: b: a later rollout changed it (superseded)',
    ]);
  });
});

describe('countsText', () => {
  it.each([
    [{ planned: 1, succeeded: 1 }, '1 host: 1 succeeded'],
    [{ planned: 3, pending: 3 }, '3 hosts: 0 succeeded, 3 pending'],
    [
      { planned: 2, rolledBack: 1, rollbackFailed: 1, acknowledged: 1, excluded: 4 },
      '2 hosts: 0 succeeded, 1 rolled back, 1 rollback failed, 4 excluded, 1 acknowledged',
    ],
  ])('%j', (counts, expected) => {
    expect(countsText(countsOf(counts))).toBe(expected);
  });
});

describe('actionLines', () => {
  it('asks for no acknowledgement where no gate tripped', () => {
    expect(actionLines(['resume'], 'X', { reason: { code: 'operator', message: '' } })).toEqual([
      '  gofleet rollout resume X  # go on',
    ]);
  });

  it('has a line for a verb that it does not know', () => {
    expect(actionLines(['dance'], 'X')).toEqual(['  gofleet rollout dance X']);
  });

  it('names no rollback of a batch where none tripped, and none of failed hosts without any', () => {
    const standing = { batches: [{ state: 'passed' as const }], counts: countsOf({ planned: 1 }) };
    expect(actionLines(['rollback', 'retry'], 'X', standing)).toEqual([
      '  gofleet rollout rollback X --scope all  # bring every host that was changed back',
      '  gofleet rollout retry X --hosts NAMES   # run these hosts again',
    ]);
  });

  it('is empty where nothing may be done', () => {
    expect(actionLines([], 'X')).toEqual([]);
  });
});

describe('isOver', () => {
  it.each([
    ['running', null, false, false],
    ['rolling_back', 'failure_budget', false, false],
    ['paused', 'failure_budget', false, true],
    ['paused', 'freeze', false, true],
    ['paused', 'failure_budget', true, false],
    ['paused', 'operator', false, false],
    ['succeeded', null, false, true],
    ['aborted', 'operator', true, true],
  ] as const)('%s by %s (keep %s): %s', (state, code, keep, over) => {
    const reason = code === null ? null : { code, message: '' };
    expect(isOver(rolloutOf({ state, reason }), keep)).toBe(over);
  });
});

describe('eventLine', () => {
  const event = { id: 1, at: '2026-12-01T01:02:03.000Z', rollout: 'x', batch: 1, host: 'web07' };

  it.each([
    [
      'host.state',
      { state: 'failed', code: 'health', message: 'go version failed' },
      '01:02:03 web07 failed: health: go version failed',
    ],
    ['host.state', { state: 'succeeded' }, undefined],
    ['host.step', { step: 'upload' }, undefined],
    ['alert', { message: 'site down' }, '01:02:03 alert: site down'],
  ])('%s %j', (type, details, expected) => {
    expect(eventLine({ ...event, type, details })).toBe(expected);
  });
});

it('says what is waited for and until when, who approved, and what a refresh changed', () => {
  const text = renderRollout(
    rolloutOf({
      approval: {
        batch: null,
        askedAt: '2026-12-01T01:00:00.000Z',
        expiresAt: '2026-12-02T01:00:00.000Z',
        needed: 2,
        by: ['vera'],
      },
      waits: [
        { message: 'approval of the start: 1 of 2 given', until: '2026-12-02T01:00:00.000Z' },
        { message: 'the end of the freeze: frozen by ada', until: null },
      ],
      refresh: [
        { host: 'h1', changes: [{ key: 'address', before: '10.0.0.1', after: '10.0.0.2' }] },
        { host: 'h2', changes: [], leftAlone: 'it is at work' },
      ],
      extended: { hosts: 3, excluded: 1, batches: [4, 5], warnings: [] },
    }),
    plain,
  );
  expect(text).toContain(
    'waits for approval of the start: 1 of 2 given (by vera), until 2026-12-02T01:00:00.000Z',
  );
  expect(text).toContain('waits for the end of the freeze: frozen by ada\n');
  expect(text).toContain('  address: "10.0.0.1" -> "10.0.0.2"');
  expect(text).toContain('left alone: h2: it is at work');
  expect(text).toContain('added 3 hosts as batches 4, 5, 1 in quarantine left out');
});
