import { formatDuration } from '#units';
import type { Decision } from '../view/decision.ts';
import type { Reason } from '../view/states.ts';
import type { Instant, RolloutView } from '../view/view.ts';
import { wait } from './wait.ts';

/** A scheduled rollout starts at its time, waits for the one that it supersedes, or waits for a person. */
export function start(view: RolloutView, now: Instant): Decision | undefined {
  if (view.state !== 'scheduled') return undefined;
  const { startAt } = view.strategy;
  if (startAt !== undefined && now < startAt) return wait(view.reason, startAt);
  if (view.conflict?.ending) return wait(superseding(view.conflict));
  const reason = obstacle(view, now);
  return reason ? { kind: 'pause', reason } : { kind: 'start' };
}

/** Whether its hosts belong to it by now: before that there is nothing to drain or to undo. */
export function hasBegun(view: Pick<RolloutView, 'owned' | 'startedAt'>): boolean {
  return view.owned || view.startedAt !== undefined;
}

/** First match wins: what another rollout holds, then the time, then its bundle, then the freeze. */
function obstacle(view: RolloutView, now: Instant): Reason | undefined {
  if (view.conflict) return conflicting(view.conflict);
  return missed(view, now) ?? view.bundle ?? view.freeze?.reason;
}

type Conflict = NonNullable<RolloutView['conflict']>;

/** Why a rollout cannot have its hosts. */
export function conflicting({ hosts, rollout }: Conflict): Reason {
  return {
    code: 'lock_conflict',
    message: `${counted(hosts)} to rollout ${rollout}`,
  };
}

function superseding({ hosts, rollout }: Conflict): Reason {
  return {
    code: 'superseded',
    message: `waits for the end of rollout ${rollout}, which it supersedes: ${counted(hosts)} to it`,
  };
}

function counted(hosts: number): string {
  return hosts === 1 ? '1 host belongs' : `${hosts} hosts belong`;
}

/** Waiting for the one that it supersedes is part of a start that was in time. */
function missed({ reason, strategy }: RolloutView, now: Instant): Reason | undefined {
  const late = now - (strategy.startAt ?? now);
  if (late <= strategy.startWithin || reason?.code === 'superseded') return undefined;
  const message = `its start was missed by ${formatDuration(late)}, ${formatDuration(strategy.startWithin)} allowed`;
  return { code: 'window', message };
}
