import type { BlobRef, Trust } from '#api';
import { GofleetError } from '#errors';
import type { Queries } from '#ledger';
import type { KnownTree, ResolvedOperation } from '#operations';
import type { RolloutPlan, Strategy } from '#rollout';

/** All that a rollout froze when it was created, but its hosts. Stored as JSON, never changed. */
export interface Frozen {
  schema: 1;
  /** Its hosts are read and nothing else. */
  reading?: true;
  /** What trees on them are compared with; absent: none is hashed. */
  trees?: KnownTree[];
  /** As it was written, for later numbers and batches; an earlier release kept less of it. */
  plan: Pick<RolloutPlan, 'retries' | 'timeouts' | 'notify'> &
    Partial<Omit<RolloutPlan, 'inventory' | 'playbook'>>;
  strategy: Strategy;
  operations: ResolvedOperation[];
  blobs: BlobRef[];
  /** Who signed its bundle, as it was judged then; an earlier release noted nothing. */
  trust?: Trust;
  /** Sites that its hosts are at. */
  sites: string[];
  warnings: string[];
}

/** Frozen plans that were read lately: they never change, but for the sites of one that was extended. */
export interface FrozenPlans {
  of(queries: Queries, rollout: string): Promise<Frozen>;
  /** It is read again when it is needed. */
  forget(rollout: string): void;
}

const KEPT = 50;

export function createFrozenPlans(): FrozenPlans {
  const known = new Map<string, Frozen>();
  return {
    async of(queries, rollout) {
      const found = known.get(rollout) ?? (await readFrozen(queries, rollout));
      known.set(rollout, found);
      const [oldest] = known.keys();
      if (known.size > KEPT && oldest !== undefined) known.delete(oldest);
      return found;
    },
    forget: (rollout) => void known.delete(rollout),
  };
}

async function readFrozen(queries: Queries, rollout: string): Promise<Frozen> {
  const { frozen } = await queries
    .selectFrom('rollout_plans')
    .select('frozen')
    .where('rollout', '=', rollout)
    .executeTakeFirstOrThrow();
  const plan = JSON.parse(frozen) as Frozen;
  if (plan.schema === 1) return plan;
  throw new GofleetError('internal', `rollout ${rollout} was frozen by a newer release`, {
    remedy: 'Start the newer release of gofleet.',
  });
}
