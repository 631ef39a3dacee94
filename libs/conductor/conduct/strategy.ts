import type { RolloutRow } from '#ledger';
import type { Strategy } from '#rollout';
import type { Frozen } from '../frozen.ts';

/** What rollouts that an earlier release froze did not know, with the meaning that they were frozen under. */
const BEFORE = {
  strict: false,
  onTrip: 'pause',
  maxSameSignature: undefined,
  domains: {},
  approval: { required: false, approvers: 1, expires: 24 * 3_600_000 },
  startAt: undefined,
  startWithin: 15 * 60_000,
} as const satisfies Partial<Strategy>;

/** The numbers of an earlier release lack some. */
type Known = Omit<Strategy, keyof typeof BEFORE | 'windows'> & Partial<Strategy>;

/** The numbers that hold now: as a person changed them, else as they were frozen. */
export function strategyOf(
  { strategy }: Pick<RolloutRow, 'strategy'>,
  frozen: Pick<Frozen, 'strategy'>,
): Strategy {
  const numbers: Known = strategy === null ? frozen.strategy : (JSON.parse(strategy) as Strategy);
  return { windows: [], ...BEFORE, ...numbers };
}
