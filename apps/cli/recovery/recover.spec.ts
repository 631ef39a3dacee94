import type { Recovery, RecoveryResult } from '#api';
import { expect, it } from 'vitest';
import { recoveryText } from './recover.ts';

const NOTHING: RecoveryResult = {
  epochs: [],
  changed: [],
  succeeded: [],
  rolledBack: [],
  unknown: [],
  skipped: [],
  foreign: [],
  unread: [],
};

function recovery(result: Partial<RecoveryResult>, paused: Recovery['paused'] = []): Recovery {
  return {
    id: '01R',
    state: 'done',
    at: '2026-06-01T00:00:00.000Z',
    who: 'ada',
    counts: { planned: 3, waiting: 0, read: 2, failed: 1 },
    result: { ...NOTHING, ...result },
    paused,
  };
}

it('says that there was nothing to correct', () => {
  expect(recoveryText(recovery({}))).toBe(
    '2 of 3 hosts read\nthe ledger says what the hosts say: nothing to correct',
  );
});

it('names every host under what was found of it, and how to go on', () => {
  const found = {
    epochs: [{ host: 'a', before: 3, after: 5 }],
    changed: [{ host: 'a', rollout: '01A' }],
    unread: [{ host: 'c', code: 'refused', message: 'nobody answers' }],
  };
  const text = recoveryText(recovery(found, [{ id: '01A', name: 'nightly' }]), ' --data d');
  expect(text.split('\n')).toEqual([
    '2 of 3 hosts read',
    expect.stringContaining('later claims'),
    '  a: epoch 3 -> 5',
    expect.stringContaining('a rollback reaches it now'),
    '  a: 01A',
    expect.stringContaining('not read'),
    '  c: refused: nobody answers',
    'nightly waits: gofleet rollout resume 01A --data d',
  ]);
});
