import { describe, expect, it } from 'vitest';
import { waiting, NEXT, NOW, view, type Batch } from '../../../test/rules/view.ts';
import { isGofleetError } from '#errors';
import {
  changeOf,
  decide,
  planVerb,
  type Asking,
  type Change,
  type RolloutView,
} from '../index.ts';

const DAY = 86_400_000;
const ASKING: Asking = { now: NOW, token: 'one', requester: 'asker', planDigest: 'sha256:p' };
const APPROVE = { kind: 'approve', planDigest: 'sha256:p' } as const;
const FRESH: Batch = { state: 'pending', startedAt: undefined, hosts: { pending: 3 } };
const DONE: Batch = { hosts: { succeeded: 3 } };
const asked = (batch: number | undefined, by: string[] = [], askedAt = NOW) => ({
  batch,
  askedAt,
  by,
});
const BEFORE = { state: 'pending_approval', owned: false, startedAt: undefined } as const;
const people = (approvers: number, required = true) => ({
  approval: { required, approvers, expires: DAY },
});
const waits = { next: { ...NEXT, forward: waiting(4, 5, 6) } };

describe('decide', () => {
  const CASES: [string, RolloutView, object][] = [
    [
      'nothing starts before it is approved',
      view([FRESH], { ...BEFORE, ...waits, approval: asked(undefined) }),
      { kind: 'wait', until: NOW + DAY },
    ],
    ['people are asked', view([FRESH], BEFORE), { kind: 'askApproval', batch: undefined }],
    [
      'nobody answered: denied',
      view([FRESH], { ...BEFORE, approval: asked(undefined, [], NOW - DAY) }),
      { kind: 'finish', state: 'denied' },
    ],
    [
      'the gate of a batch asks when all have ended',
      view([{ ...DONE, approval: true }, FRESH], waits),
      { kind: 'askApproval', batch: 1 },
    ],
    [
      'and not before',
      view([{ hosts: { succeeded: 2, running: 1 }, approval: true }, FRESH], { atWork: 1 }),
      { kind: 'wait' },
    ],
    [
      'a trip comes first',
      view([{ hosts: { succeeded: 2, failed: 1 }, approval: true }, FRESH]),
      { kind: 'trip' },
    ],
    [
      'after the bake',
      view([{ ...DONE, approval: true, bake: 1000, bakeUntil: NOW + 1 }, FRESH]),
      { kind: 'wait', until: NOW + 1 },
    ],
    ['the last batch asks nobody', view([{ ...DONE, approval: true }]), { kind: 'passGate' }],
    [
      'nor a batch before one that has started',
      view([{ ...DONE, approval: true }, { hosts: { pending: 1 } }]),
      { kind: 'passGate', batch: 1 },
    ],
    [
      'nor the one after which nothing is left',
      view([
        { ...DONE, approval: true },
        { ...DONE, state: 'passed', passedAt: NOW },
      ]),
      { kind: 'passGate', batch: 1 },
    ],
    [
      'one of two is not enough',
      view([{ ...DONE, approval: true }, FRESH], {
        strategy: people(2),
        approval: asked(1, ['one']),
      }),
      { kind: 'askApproval' },
    ],
    [
      'enough of them: the gate opens',
      view([{ ...DONE, approval: true }, FRESH], {
        strategy: people(2),
        approval: asked(1, ['one', 'two']),
      }),
      { kind: 'passGate', batch: 1 },
    ],
    [
      'what was approved of another batch is not approved of this one',
      view([{ ...DONE, passedAt: NOW, state: 'passed' }, { ...DONE, approval: true }, FRESH], {
        approval: asked(1, ['one']),
      }),
      { kind: 'askApproval', batch: 2 },
    ],
    [
      'the gate waits for people',
      view([{ ...DONE, approval: true }, FRESH], {
        state: 'pending_approval',
        approval: asked(1),
        ...waits,
      }),
      { kind: 'wait', until: NOW + DAY },
    ],
    [
      'nobody answered: a person has to go on',
      view([{ ...DONE, approval: true }, FRESH], {
        state: 'pending_approval',
        strategy: people(2),
        approval: asked(1, ['one'], NOW - DAY),
      }),
      { kind: 'pause', reason: { code: 'approval', message: '1 of 2 approvals within 1d' } },
    ],
    [
      'a trip while people are asked',
      view([{ hosts: { succeeded: 2, failed: 1 }, approval: true }, FRESH], {
        state: 'pending_approval',
        approval: asked(1),
      }),
      { kind: 'trip' },
    ],
  ];
  it.each(CASES)('%s', (_, rollout, expected) => {
    expect(decide(rollout, NOW)).toMatchObject(expected);
  });
});

const START = view([FRESH], { ...BEFORE, strategy: people(2), approval: asked(undefined) });
const GATE = view([{ ...DONE, approval: true }, FRESH], {
  state: 'pending_approval',
  strategy: people(1),
  approval: asked(1),
});

describe('approve', () => {
  const CASES: [string, RolloutView, object][] = [
    [
      'the first of two',
      START,
      {
        state: 'pending_approval',
        reason: { message: 'the start waits for approval: 1 of 2' },
        approval: { by: ['one'] },
      },
    ],
    [
      'the last: it may start',
      { ...START, approval: asked(undefined, ['two']) },
      { state: 'scheduled', reason: undefined, approval: 'none' },
    ],
    [
      'the gate: it is judged again, and opens',
      GATE,
      { state: 'running', reason: undefined, approval: { batch: 1, by: ['one'] } },
    ],
  ];
  it.each(CASES)('%s', (_, rollout, expected) => {
    expect(planVerb(rollout, APPROVE, ASKING)).toMatchObject(expected);
  });

  const REFUSED: [string, RolloutView, Partial<Asking>, string][] = [
    ['by the one who asked for it', START, { token: 'asker' }, 'forbidden'],
    ['of something else than what was read', START, { planDigest: 'sha256:q' }, 'conflict'],
    ['twice by one', { ...START, approval: asked(undefined, ['one']) }, {}, 'conflict'],
    ['where nobody is asked', view([FRESH]), {}, 'conflict'],
  ];
  it.each(REFUSED)('is refused %s', (_, rollout, who, code) => {
    expect(refusal(() => planVerb(rollout, APPROVE, { ...ASKING, ...who }))).toBe(code);
  });
});

describe('deny', () => {
  it('before the start is the end', () => {
    const change = planVerb(START, { kind: 'deny', note: 'no' }, ASKING);
    expect(change).toMatchObject({
      state: 'denied',
      reason: { code: 'approval', message: 'denied: no' },
      batches: [{ number: 1, state: 'skipped' }],
      hosts: [{ set: 'cancel' }],
      approval: 'none',
    });
  });

  it('of a gate aborts, so that it can still be rolled back', () => {
    const change = planVerb(GATE, { kind: 'deny' }, ASKING);
    expect(change).toMatchObject({
      state: 'aborting',
      reason: { code: 'approval' },
      abort: { final: 'aborted', rollback: 'none' },
      approval: 'none',
    });
    expect(decide({ ...GATE, ...stateOf(change) }, NOW)).toEqual({
      kind: 'finish',
      state: 'aborted',
    });
  });
});

it('what was asked is forgotten when the gate opens, when it trips and when time is over', () => {
  const passed = decide({ ...GATE, state: 'running', approval: asked(1, ['one']) }, NOW);
  const evidence = passed.kind === 'passGate' ? passed.evidence : undefined;
  if (!evidence) throw new Error('its gate does not open');
  const reason = { code: 'failure_budget', message: '' } as const;
  for (const decision of [
    { kind: 'passGate', batch: 1, evidence },
    { kind: 'trip', batch: 1, reason, evidence },
    { kind: 'pause', reason },
    { kind: 'finish', state: 'denied' },
  ] as const)
    expect(changeOf(GATE, decision, NOW).approval).toBe('none');
});

it('a resume asks anew', () => {
  const paused: RolloutView = { ...GATE, state: 'paused', approval: asked(1, ['one']) };
  const change = planVerb(paused, { kind: 'resume' }, ASKING);
  expect(change).toMatchObject({ state: 'running', approval: 'none' });
});

function stateOf({ abort, state }: Change): Pick<RolloutView, 'state' | 'abort'> {
  return { abort, state };
}

function refusal(action: () => void): string | undefined {
  try {
    action();
  } catch (error) {
    if (isGofleetError(error)) return error.code;
  }
  return undefined;
}
