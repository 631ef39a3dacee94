import type { RolloutState } from './states.ts';
import type { VerbKind } from './verbs.ts';

/** What a person may do in each state, in the order in which it is shown. */
const ALLOWED: Record<RolloutState, VerbKind[]> = {
  pending_approval: ['approve', 'deny', 'abort'],
  denied: [],
  scheduled: ['abort', 'skip', 'refresh', 'extend'],
  running: ['pause', 'advance', 'retry', 'rollback', 'abort', 'skip', 'refresh', 'extend'],
  paused: ['resume', 'rollback', 'abort', 'retry', 'skip', 'refresh', 'extend'],
  rolling_back: ['rollback', 'abort'],
  aborting: ['rollback'],
  succeeded: ['rollback'],
  completed_with_errors: ['rollback'],
  rolled_back: [],
  aborted: ['rollback'],
  failed: ['rollback'],
};

export function allowedActions(rollout: { state: RolloutState }): VerbKind[] {
  return [...ALLOWED[rollout.state]];
}
