import type { NamedHost } from './host.ts';
import type { Instant, RolloutView } from './view.ts';

/** Who asks something of a rollout, when, and of which hosts. */
export interface Asking {
  now: Instant;
  /** The id of the token that asks. */
  token: string;
  /** The id of the token that created the rollout. */
  requester: string;
  /** What the rollout was frozen under. */
  planDigest: string;
  /** Hosts of a verb that names some. */
  named?: readonly NamedHost[];
}

/** The rollout at the moment at which it is asked. */
export type Moment = RolloutView & { now: Instant };
