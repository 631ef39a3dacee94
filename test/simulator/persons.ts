import type { Rollout } from '#api';
import type { Verb } from '#rollout';

/** What people do with a rollout that stands still. */
export const PERSONS = ['continues', 'retries', 'rolls back', 'aborts', 'is away'] as const;
export type PersonName = (typeof PERSONS)[number];

export type Person = (rollout: Rollout, trip: number | undefined) => Verb | undefined;

/** A person who always does the same, and everybody approves. */
export function person(name: PersonName): Person {
  const done = { retries: 0 };
  return (rollout, trip) => {
    if (rollout.state === 'pending_approval')
      return { kind: 'approve', planDigest: rollout.planDigest };
    switch (name) {
      case 'continues':
        return goOn(trip);
      case 'retries':
        return (done.retries += 1) > 2 ? goOn(trip) : { kind: 'resume', mode: 'retry' };
      case 'rolls back':
        return (done.retries += 1) > 1 ? abort('none') : { kind: 'rollback', scope: 'all' };
      case 'aborts':
        return abort('all');
      case 'is away':
        return undefined;
      default:
        throw new TypeError(name satisfies never);
    }
  };
}

function goOn(acknowledge: number | undefined): Verb {
  return acknowledge === undefined
    ? { kind: 'resume' }
    : { kind: 'resume', mode: 'continue', acknowledge };
}

function abort(rollback: 'none' | 'all'): Verb {
  return { kind: 'abort', inflight: 'drain', rollback, stopRollback: false };
}
