import { describe, expect, it } from 'vitest';
import { isGofleetError } from '#errors';
import { NOW, view, type Batch } from '../../../test/rules/view.ts';
import { findTrip, loosens, PatchBody, planVerb, type Change, type RolloutView } from '../index.ts';

const ASKING = { now: NOW, token: 'one', requester: 'asker', planDigest: '' };
const BATCH: Batch = {
  maxFailures: 2,
  delay: 30_000,
  hosts: { pending: 7, failed: 2, succeeded: 1 },
};
const PASSED: Batch = { ...BATCH, state: 'passed', passedAt: NOW };
const weekend = { days: ['sat', 'sun'] as ('sat' | 'sun')[], from: '01:00', to: '05:00' };

function patch(rollout: RolloutView, body: object): Change {
  return planVerb(rollout, { kind: 'patch', ...PatchBody.parse(body) }, ASKING);
}

/** The rollout with the new numbers. */
function after(rollout: RolloutView, { batches, state, strategy }: Change): RolloutView {
  return {
    ...rollout,
    state,
    strategy: strategy ?? rollout.strategy,
    batches: rollout.batches.map((batch) => ({
      ...batch,
      ...batches.find(({ number }) => number === batch.number)?.numbers,
    })),
  };
}

describe('PATCH', () => {
  const rollout = view([PASSED, BATCH, BATCH]);
  const CASES: [object, object][] = [
    [{ concurrency: 3 }, { strategy: { concurrency: 3 } }],
    [{ budgets: { maxFailures: '10%' } }, { strategy: { maxFailures: 3 } }],
    [{ budgets: { maxUnreachable: 4 } }, { strategy: { maxUnreachable: 4 } }],
    [{ budgets: { maxSameSignature: 0 } }, { strategy: { maxSameSignature: 0 } }],
    [{ windows: [weekend] }, { strategy: { windows: [weekend] } }],
    [{ windows: [] }, { strategy: { windows: [] } }],
    [
      { delays: '1m' },
      {
        batches: [
          { number: 2, numbers: { delay: 60_000 } },
          { number: 3, numbers: { delay: 60_000 } },
        ],
      },
    ],
    [{ delays: { 3: '0s' } }, { batches: [{ number: 3, numbers: { delay: 0 } }] }],
    [
      { budgets: { batches: { 2: { maxFailures: '50%', maxUnreachable: 1 } } } },
      { batches: [{ number: 2, numbers: { maxFailures: 5, maxUnreachable: 1 } }] },
    ],
  ];
  it.each(CASES)('%j', (body, expected) => {
    expect(patch(rollout, body)).toMatchObject({ state: 'running', ...expected });
  });

  const REFUSED: [string, object, string][] = [
    ['a batch that is not there', { delays: { 9: '1m' } }, 'invalid_request'],
    [
      'the budget of a gate that is open',
      { budgets: { batches: { 1: { maxFailures: 9 } } } },
      'conflict',
    ],
    ['the delay after a gate that is open', { delays: { 1: '1m' } }, 'conflict'],
  ];
  it.each(REFUSED)('refuses %s', (_, body, code) => {
    let found: unknown;
    try {
      patch(rollout, body);
    } catch (error) {
      found = error;
    }
    expect(isGofleetError(found) && found.code).toBe(code);
  });

  it('a lower budget trips at once', () => {
    expect(findTrip(rollout)).toBeUndefined();
    const change = patch(rollout, { budgets: { batches: { 2: { maxFailures: 1 } } } });
    expect(findTrip(after(rollout, change))?.reason.message).toBe(
      'batch 2: 2 failed of 10, 1 tolerated',
    );
  });

  it('a higher one never undoes a trip', () => {
    const reason = { code: 'failure_budget', message: '' } as const;
    const paused = view([{ ...BATCH, maxFailures: 1 }], {
      state: 'paused',
      trips: [{ decision: 3, scope: 'batch', batch: 1, reason }],
    });
    const change = patch(paused, { budgets: { batches: { 1: { maxFailures: 9 } } } });
    expect(change).toMatchObject({ state: 'paused', answered: false });
  });

  it.each([{}, { note: 'x' }, { strict: true }, { concurrency: 0 }, { delays: { 0: '1m' } }])(
    'takes no %j',
    (body) => {
      expect(PatchBody.safeParse(body).success).toBe(false);
    },
  );
});

describe('what loosens', () => {
  const base = { maxFailures: 5, maxUnreachable: 5, maxSameSignature: 5, windows: [weekend] };
  const bare = { batches: [{ ...BATCH, maxFailures: undefined }] };
  const CASES: [string, object, boolean][] = [
    ['the same', { concurrency: 10 }, false],
    ['more at once', { concurrency: 11 }, true],
    ['fewer at once', { concurrency: 9 }, false],
    ['more failures', { budgets: { maxFailures: 6 } }, true],
    ['fewer failures', { budgets: { maxFailures: 4 } }, false],
    ['more unreachable hosts', { budgets: { maxUnreachable: 6 } }, true],
    ['fewer unreachable hosts', { budgets: { maxUnreachable: 0 } }, false],
    ['more alike', { budgets: { maxSameSignature: 6 } }, true],
    ['fewer alike', { budgets: { maxSameSignature: 4 } }, false],
    ['more in a batch', { budgets: { batches: { 1: { maxFailures: 3 } } } }, true],
    ['fewer in a batch', { budgets: { batches: { 1: { maxFailures: 1 } } } }, false],
    [
      'unreachable hosts of a batch apart',
      { budgets: { batches: { 1: { maxUnreachable: 0 } } } },
      true,
    ],
    ['a shorter delay', { delays: '29s' }, true],
    ['a longer delay', { delays: '31s' }, false],
    ['no window any more', { windows: [] }, true],
    ['another window', { windows: [weekend, { ...weekend, from: '00:00' }] }, true],
    ['the same window', { windows: [weekend] }, false],
    ['both ways', { concurrency: 1, delays: '0s' }, true],
  ];
  it.each(CASES)('%s', (_, body, expected) => {
    const before = view([BATCH], { strategy: base });
    expect(loosens(before, after(before, patch(before, body)))).toBe(expected);
  });

  it('a budget for the rollout where the batch tolerated 0', () => {
    const before = view(bare.batches);
    expect(loosens(before, after(before, patch(before, { budgets: { maxFailures: 1 } })))).toBe(
      true,
    );
  });

  it('windows where there were none do not', () => {
    const before = view([BATCH]);
    expect(loosens(before, after(before, patch(before, { windows: [weekend] })))).toBe(false);
  });
});

describe('approvals', () => {
  const approval = { required: true, approvers: 1, expires: 1000 };
  const never = { owned: false, startedAt: undefined, strategy: { approval } } as const;
  const CASES: [string, RolloutView, object, object][] = [
    [
      'of the start are withdrawn',
      view([BATCH], { ...never, state: 'scheduled' }),
      { concurrency: 11 },
      {
        state: 'pending_approval',
        reason: { code: 'approval', message: 'the start waits for approval: 0 of 1' },
        approval: { batch: undefined, askedAt: NOW, by: [] },
      },
    ],
    [
      'of one that was paused at its start too',
      view([BATCH], { ...never, state: 'paused' }),
      { concurrency: 11 },
      { state: 'pending_approval' },
    ],
    [
      'stay where nothing is loosened',
      view([BATCH], { ...never, state: 'scheduled' }),
      { concurrency: 9 },
      { state: 'scheduled' },
    ],
    [
      'are not asked for where the plan needs none',
      view([BATCH], { ...never, strategy: {}, state: 'scheduled' }),
      { concurrency: 11 },
      { state: 'scheduled' },
    ],
    [
      'of a gate start anew',
      view([BATCH], { approval: { batch: 1, askedAt: NOW, by: ['one'] } }),
      { concurrency: 11 },
      { state: 'running', approval: 'none' },
    ],
  ];
  it.each(CASES)('%s', (_, rollout, body, expected) => {
    expect(patch(rollout, body)).toMatchObject(expected);
  });
});
