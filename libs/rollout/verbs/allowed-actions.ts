import { bakeEnd } from '../rules/bake.ts';
import { currentBatch } from '../view/current-batch.ts';
import { delayEnd } from '../rules/delay.ts';
import type { RolloutState } from '../view/states.ts';
import type { VerbKind } from './verbs.ts';
import type { Instant, RolloutView } from '../view/view.ts';
import { isWaitingForWindow } from '../rules/window-wait.ts';

/** What of a rollout says what people may do with it. */
export type Standing = Pick<
  RolloutView,
  'state' | 'batches' | 'reason' | 'window' | 'windowWaivedUntil'
>;

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

/** What a person may do now; `advance` only where there is a wait that a person can end. */
export function allowedActions(view: Standing, now: Instant): VerbKind[] {
  const waits = waitOf(view, now) !== undefined;
  return ALLOWED[view.state].filter((verb) => verb !== 'advance' || waits);
}

/** What a running rollout waits for that a person can end. */
export function waitOf(view: Standing, now: Instant): 'bake' | 'delay' | 'window' | undefined {
  if (view.state !== 'running') return undefined;
  if (bakeEnd(view, now) !== undefined) return 'bake';
  const batch = currentBatch(view);
  const until = batch && delayEnd(view, batch);
  if (until !== undefined && until > now) return 'delay';
  return isWaitingForWindow(view, now) ? 'window' : undefined;
}
