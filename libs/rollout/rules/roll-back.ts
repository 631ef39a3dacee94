import type { BatchChange, Change, HostSelection } from '../view/change.ts';
import { describeScope } from './rollback-end.ts';
import type { HostState } from '../view/states.ts';
import type { BatchView, HostNumber, RollbackIntent, RolloutView } from '../view/view.ts';

/** What is to be rolled back. */
export interface RollbackTarget {
  scope: RollbackIntent['scope'];
  batch?: number | undefined;
  /** With scope `hosts`. */
  hosts?: { number: HostNumber; batch: number }[];
}

/** A change that changes nothing, to be extended. */
export function stay(view: RolloutView): Change {
  return {
    state: view.state,
    reason: view.reason,
    batches: [],
    hosts: [],
    answered: false,
    rollback: view.rollback,
    abort: view.abort,
  };
}

/**
 * Hosts of the targets that this rollout changed are `rolling_back` from now; those at work are rolled back when they
 * end. Everything else keeps its state, but nothing forward is started any more.
 */
export function rollBackChange(view: RolloutView, ...targets: RollbackTarget[]): Change {
  const rollback = targets.reduce<RollbackIntent | undefined>(
    (intent, target) => widened(intent, target, view.state),
    view.rollback,
  );
  return {
    ...stay(view),
    state: 'rolling_back',
    reason: { code: 'operator', message: `rolling back: ${describeScope(rollback)}` },
    batches: touched(view, targets),
    hosts: [
      { select: { states: ['queued'] }, set: 'requeue' },
      ...targets.flatMap((target) => chosen(target)),
    ],
    rollback,
    abort: undefined,
  };
}

/** Asked again while it runs, a rollback grows; it still ends where the first one was to end. */
function widened(
  rollback: RollbackIntent | undefined,
  target: RollbackTarget,
  from: RolloutView['state'],
): RollbackIntent {
  const asked = { scope: target.scope, batch: target.batch };
  if (!rollback) return { ...asked, from };
  const same = rollback.scope === asked.scope && rollback.batch === asked.batch;
  if (same || rollback.scope === 'all') return rollback;
  const wider = asked.scope === 'all' ? asked : { scope: 'hosts' as const, batch: undefined };
  return { ...rollback, ...wider };
}

/** A host at work is chosen too, unless only failed ones are: it has not failed. */
function chosen(target: RollbackTarget): Change['hosts'] {
  const within = selection(target);
  const atRest = { ...within, changed: true as const, states: AT_REST };
  const atWork = { ...within, states: ['running' as const] };
  return [
    { select: atRest, set: 'rollBack' },
    ...(target.scope === 'failed' ? [] : [{ select: atWork, set: 'rollBackAfter' as const }]),
  ];
}

/** States in which nobody works forward on a host; `rolling_back` and `rolled_back` ones need nothing. */
const AT_REST: HostState[] = [
  'pending',
  'succeeded',
  'failed',
  'unreachable',
  'lost',
  'cancelled',
  'skipped',
  'rollback_failed',
];

function selection({ scope, batch, hosts }: RollbackTarget): HostSelection {
  if (scope === 'failed') return { outcomes: ['failed', 'lost'] };
  if (scope === 'batch') return { batches: batch === undefined ? [] : [batch] };
  return scope === 'hosts' ? { numbers: (hosts ?? []).map(({ number }) => number) } : {};
}

function touched({ batches }: RolloutView, targets: RollbackTarget[]): BatchChange[] {
  return batches
    .filter((batch) => targets.some((target) => isTouched(batch, target)))
    .map(({ number }) => ({ number, state: 'rolling_back' as const }));
}

function isTouched(
  { number, counts }: BatchView,
  { scope, batch, hosts }: RollbackTarget,
): boolean {
  if (scope === 'hosts') return hosts?.some((host) => host.batch === number) ?? false;
  if (scope === 'batch' && batch !== number) return false;
  const failed = counts.stickyFailures + counts.stickyAcknowledged;
  return counts.changed > 0 ? scope !== 'failed' || failed > 0 : counts.states.running > 0;
}
