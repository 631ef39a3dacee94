import type { Queries } from '#ledger';
import type { Milliseconds } from '#units';
import type { Gate } from './bundles/gate.ts';
import type { KnownTokens } from './access/known-tokens.ts';
import type { Bell } from './events/bell.ts';
import type { ConductorDeps } from './deps.ts';
import type { FrozenPlans } from './frozen.ts';

/** What every use case gets: the ports, and how to tell the loops that there is something to do. */
export interface Engine extends ConductorDeps {
  /** One transaction; followers of events look again after it. With `patience` it may wait so long for company. */
  write<T>(job: (queries: Queries) => Promise<T>, patience?: Milliseconds): Promise<T>;
  frozen: FrozenPlans;
  tokens: KnownTokens;
  bell: Bell;
  bundles: Gate;
  /** The view of this rollout is to be looked at again. */
  wake(rollout: string): void;
  /** The views of all rollouts that are not final are to be looked at again. */
  wakeAll(): void;
  /** The outbox has something to send. */
  send(): void;
}
