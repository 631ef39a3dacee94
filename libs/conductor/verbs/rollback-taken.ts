import type { RollbackTaken } from '#api';
import { namesOf, type LeftAlone, type Queries } from '#ledger';
import type { Change, HostSelection, Verb } from '#rollout';

/** Names shown of the hosts that had nothing to be rolled back. */
const SHOWN = 1000;

interface Taken {
  verb: Verb;
  change: Change;
  /** Hosts that the selections of the change took in, those left alone included. */
  names: string[];
  leftAlone: LeftAlone[];
}

/** The answer to a rollback: what it took, and what it left alone and why. */
export async function rollbackTaken(
  queries: Queries,
  rollout: string,
  { verb, change, names, leftAlone }: Taken,
): Promise<RollbackTaken | undefined> {
  if (verb.kind !== 'rollback' || !change.rollback) return undefined;
  const alone = new Map<string, { code: string; message: string }>();
  for (const { name, code } of leftAlone) alone.set(name, { code, message: WHY[code] });
  const taken = new Set(names.filter((name) => !alone.has(name)));
  for (const name of await namesOf(queries, rollout, scopeOf(change), SHOWN))
    if (!taken.has(name) && !alone.has(name))
      alone.set(name, { code: 'not_changed', message: WHY.not_changed });
  return {
    scope: verb.scope,
    batch: change.rollback.batch ?? null,
    hosts: [...taken],
    leftAlone: [...alone].map(([host, reason]) => ({ host, reason })),
  };
}

const WHY = {
  lock_conflict: 'belongs to another rollout now',
  superseded: 'a later rollout changed it',
  not_changed: 'this rollout did not change it',
} as const;

/** The scope that was asked for, whatever became of its hosts; those rolled back already are not named. */
function scopeOf({ hosts }: Change): HostSelection {
  const select = hosts.find(({ set }) => set === 'rollBack')?.select ?? {};
  const { states, changed: _, ...scope } = select;
  return { ...scope, states };
}
