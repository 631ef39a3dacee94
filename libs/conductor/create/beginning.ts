import { GofleetError } from '#errors';
import type { Queries } from '#ledger';
import { isFinal, type ApprovalView, type RolloutPlan, type RolloutState } from '#rollout';
import { loadFreeze } from '../conduct/freeze.ts';
import { ownersOf } from './ownership.ts';
import { toJson, toTime } from '../json.ts';

/** A start may be asked for a little after its time: plans are written and sent by people. */
const PAST = 5 * 60_000;

type Planned = Pick<RolloutPlan, 'approval' | 'startAt' | 'supersedes'>;

/** The columns of a rollout that say how it begins. */
export interface Beginning {
  state: 'pending_approval' | 'scheduled' | 'paused' | 'running';
  /** JSON or null. */
  reason: string | null;
  approval: string | null;
  owned: 0 | 1;
  supersedes: string | null;
}

/**
 * How a new rollout begins: first match wins. Throws `invalid_request` for a start that is past and for a rollout to be
 * superseded that is not there, `conflict` for one that is rolling back.
 */
export async function beginningOf(
  queries: Queries,
  plan: Planned,
  now: number,
): Promise<Beginning> {
  refusePast(plan, now);
  const supersedes = await findSuperseded(queries, plan);
  const waiting = { reason: null, approval: null, owned: 0 as const, supersedes };
  if (plan.approval.required) {
    const approval: ApprovalView = { batch: undefined, askedAt: now, by: [] };
    const message = `the start waits for approval: 0 of ${plan.approval.approvers}`;
    const reason = toJson({ code: 'approval', message });
    return { ...waiting, state: 'pending_approval', reason, approval: JSON.stringify(approval) };
  }
  if (supersedes !== null || (plan.startAt ?? now) > now) return { ...waiting, state: 'scheduled' };
  const freeze = await loadFreeze(queries);
  if (freeze) return { ...waiting, state: 'paused', reason: toJson(freeze.reason) };
  return { ...waiting, state: 'running', owned: 1 };
}

function refusePast({ startAt }: Planned, now: number): void {
  if (startAt === undefined || startAt >= now - PAST) return;
  const message = `${toTime(startAt)} is past`;
  throw new GofleetError('invalid_request', `startAt: ${message}`, {
    remedy: 'Name a time that is still to come, or leave startAt out to start at once.',
    errors: [{ path: 'startAt', message }],
  });
}

/** One that has ended already needs no end. */
async function findSuperseded(queries: Queries, { supersedes }: Planned): Promise<string | null> {
  if (supersedes === undefined) return null;
  const row = await queries
    .selectFrom('rollouts')
    .select('state')
    .where('id', '=', supersedes)
    .where('purpose', '=', 'rollout')
    .executeTakeFirst();
  if (!row) throw noneToSupersede(supersedes);
  const state = row.state as RolloutState;
  if (state === 'rolling_back') throw isRollingBack(supersedes);
  return isFinal(state) ? null : supersedes;
}

function noneToSupersede(id: string): GofleetError {
  const message = `there is no rollout ${id}`;
  return new GofleetError('invalid_request', `supersedes: ${message}`, {
    remedy: 'Look at `gofleet rollout list`, or leave supersedes out.',
    errors: [{ path: 'supersedes', message }],
  });
}

function isRollingBack(id: string): GofleetError {
  const message = `rollout ${id} is rolling back and cannot be superseded`;
  return new GofleetError('conflict', message, {
    remedy: 'Wait until its rollback has ended.',
    errors: [{ path: 'supersedes', message }],
  });
}

/** A sentence for every rollout that has hosts of one that is not to start yet. */
export async function warnOfOwned(queries: Queries, rollout: string): Promise<string[]> {
  const owners = await ownersOf(queries, rollout);
  return owners.map(({ id, state, hosts }) => {
    const whose = hosts === 1 ? '1 host belongs' : `${hosts} hosts belong`;
    return `${whose} to rollout ${id} (${state}) now: unless that has ended by then, this one cannot start`;
  });
}
