import { quantityOf } from '#units';
import type { Moment } from '../view/asking.ts';
import { asking } from '../rules/approval.ts';
import type { BatchChange, Change } from '../view/change.ts';
import { loosens } from './loosens.ts';
import { conflict, invalidRequest } from './refusals.ts';
import { stay } from '../rules/roll-back.ts';
import { hasBegun } from '../rules/start.ts';
import type { Asked } from './verbs.ts';
import type { BatchView, RolloutView, Strategy } from '../view/view.ts';

const PATCHED: RolloutView['state'][] = ['scheduled', 'running', 'paused'];

/**
 * New numbers for what is under way. They hold at once: the caller judges the rollout in the same transaction, where a
 * lower budget can trip. What loosens anything withdraws approvals.
 */
export function planPatch(view: Moment, verb: Asked<'patch'>): Change {
  if (!PATCHED.includes(view.state))
    throw conflict(view, `it cannot be changed while the rollout is ${view.state}`);
  const strategy = patchedStrategy(view.strategy, verb);
  const batches = patchedBatches(view, verb);
  const after = { strategy, batches: view.batches.map((batch) => withNumbers(batch, batches)) };
  return { ...stay(view), strategy, batches, ...(loosens(view, after) && withdrawn(view)) };
}

function patchedStrategy(before: Strategy, verb: Asked<'patch'>): Strategy {
  const { budgets = {}, concurrency, windows } = verb;
  const { maxFailures, maxSameSignature, maxUnreachable } = budgets;
  return {
    ...before,
    ...(concurrency !== undefined && { concurrency }),
    ...(windows && { windows }),
    ...(maxFailures && { maxFailures: quantityOf(maxFailures, before.planned) }),
    ...(maxUnreachable && { maxUnreachable: quantityOf(maxUnreachable, before.planned) }),
    ...(maxSameSignature !== undefined && { maxSameSignature }),
  };
}

function patchedBatches(view: Moment, verb: Asked<'patch'>): BatchChange[] {
  const changes = view.batches.map(({ number }) => ({
    number,
    numbers: numbersOf(view, verb, number),
  }));
  for (const key of ['budgets', 'delays'] as const) requireOpenGates(view, verb, key);
  return changes.filter(({ numbers }) => Object.keys(numbers).length > 0);
}

type Numbers = NonNullable<BatchChange['numbers']>;

function numbersOf(view: Moment, { budgets, delays }: Asked<'patch'>, number: number): Numbers {
  const batch = view.batches.find((each) => each.number === number);
  if (!batch) return {};
  const own = budgets?.batches?.[String(number)];
  const everywhere = batch.passedAt === undefined ? delays : undefined;
  const delay = typeof delays === 'object' ? delays[String(number)] : everywhere;
  return {
    ...(typeof delay === 'number' && { delay }),
    ...(own?.maxFailures && { maxFailures: quantityOf(own.maxFailures, batch.size) }),
    ...(own?.maxUnreachable && { maxUnreachable: quantityOf(own.maxUnreachable, batch.size) }),
  };
}

/** What a batch was judged by is over when its gate has opened. */
function requireOpenGates(view: Moment, verb: Asked<'patch'>, key: 'budgets' | 'delays'): void {
  const named = key === 'budgets' ? verb.budgets?.batches : verb.delays;
  if (typeof named !== 'object') return;
  for (const number of Object.keys(named)) {
    const batch = view.batches.find((each) => each.number === Number(number));
    const path = key === 'budgets' ? `budgets.batches.${number}` : `delays.${number}`;
    const message = `there is no batch ${number}; the last is batch ${view.batches.length}`;
    if (!batch) throw invalidRequest(path, message, 'Name a batch of this rollout.');
    if (batch.passedAt !== undefined)
      throw conflict(view, `the gate of batch ${number} has opened already`, {
        remedy: 'Change batches that are still to come; `advance` ends a delay.',
      });
  }
}

function withNumbers(batch: BatchView, changes: BatchChange[]): BatchView {
  return { ...batch, ...changes.find(({ number }) => number === batch.number)?.numbers };
}

/** Who approved the start did so for other numbers; the gate of a batch is asked for anew. */
function withdrawn(view: Moment): Partial<Change> {
  if (!view.strategy.approval.required || hasBegun(view))
    return view.approval ? { approval: 'none' } : {};
  const approval = { batch: undefined, askedAt: view.now, by: [] };
  return { state: 'pending_approval', reason: asking(view, approval), approval };
}
