import { expect, it } from 'vitest';
import { NEXT, NOW, view, waiting } from '../../../test/rules/view.ts';
import { isWorkTime, type RolloutView } from '../index.ts';

const WAITS = [{ hosts: { pending: 3 } }];
const shut = { shut: true, opensAt: NOW + 1 };
const held = (code: 'no_worker' | 'site_unavailable') => [
  { site: 's', hosts: 3, reason: { code, message: '' } },
];
const frozen = { reason: { code: 'freeze', message: '' } as const, rollbacks: false };

const CASES: [string, RolloutView, boolean][] = [
  ['while it runs', view(WAITS), true],
  ['in a delay', view([{ ...WAITS[0], startedAt: undefined }]), true],
  ['not while paused', view(WAITS, { state: 'paused' }), false],
  ['not while people are asked', view(WAITS, { state: 'pending_approval' }), false],
  ['not once it has ended', view(WAITS, { state: 'aborted' }), false],
  ['while hosts at work drain into an abort', view(WAITS, { state: 'aborting' }), true],
  ['while rolling back', view(WAITS, { state: 'rolling_back', window: shut }), true],
  ['and in a freeze that lets it', view(WAITS, { state: 'rolling_back', freeze: frozen }), true],
  [
    'not in one that does not',
    view(WAITS, { state: 'rolling_back', freeze: { ...frozen, rollbacks: true } }),
    false,
  ],
  [
    'not without a worker to roll back',
    view(WAITS, { state: 'rolling_back', held: held('no_worker') }),
    false,
  ],
  ['not while frozen', view(WAITS, { freeze: frozen }), false],
  ['not outside every window', view(WAITS, { window: shut }), false],
  ['in a window', view(WAITS, { window: { ...shut, shut: false } }), true],
  [
    'once the wait for a window was ended',
    view(WAITS, { window: shut, windowWaivedUntil: NOW + 1 }),
    true,
  ],
  ['where no host waits for a window', view([{ hosts: { running: 1 } }], { window: shut }), true],
  ['not without a worker', view(WAITS, { held: held('no_worker') }), false],
  ['while some are at work', view(WAITS, { held: held('no_worker'), atWork: 1 }), true],
  [
    'where others can be worked on',
    view(WAITS, { held: held('no_worker'), next: { ...NEXT, forward: waiting(1) } }),
    true,
  ],
  ['where a site is held', view(WAITS, { held: held('site_unavailable') }), true],
];
it.each(CASES)('the time of deadlines runs %s', (_, rollout, expected) => {
  expect(isWorkTime(rollout, NOW)).toBe(expected);
});
