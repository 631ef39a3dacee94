import { GofleetError, type ErrorCode } from '#errors';
import type { Facts } from '../host/facts.ts';
import type { CheckResult } from '../operations/health-check.ts';
import { isStage, type StageStep, type Step } from '../steps.ts';
import type { Wanted } from '../wanted.ts';

/** Throws `health` where a check failed, with what it said. */
export function refuseUnhealthy(results: CheckResult[]): void {
  const [first, ...more] = results.filter(({ ok }) => !ok);
  if (!first) return;
  const others = more.length > 0 ? ` (and ${more.length} more)` : '';
  throw new GofleetError('health', `${first.fault}${others}`, {
    remedy: 'Look at the output of the check; correct the host or roll it back.',
    details: { checks: results },
  });
}

/** Throws where the host does not have what is wanted, though its switch had begun. */
export function refuseUnswitched(
  wanted: Wanted,
  found: Facts,
  { lacking = [], code = 'lost' }: { lacking?: Step[]; code?: ErrorCode } = {},
): void {
  const { generation } = wanted;
  const switched = !generation || generation.name === found.active?.generation;
  const rest = lacking.filter((each): each is Exclude<Step, StageStep> => !isStage(each));
  if (switched && rest.length === 0) return;
  throw new GofleetError(code, 'the switch had begun, and the host does not have what is wanted', {
    remedy: 'Retry the host: what is missing will be done again.',
  });
}
