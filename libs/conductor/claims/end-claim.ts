import type { Outcome } from '#api';
import {
  prepared,
  updateRow,
  type ClaimRow,
  type HostRow as LedgerHost,
  type Queries,
  type Slot,
} from '#ledger';
import {
  applyOutcome,
  expireLease,
  type OutcomeContext,
  type RollbackIntent,
  type RolloutState,
  type Task,
} from '#rollout';
import { workClock } from '../conduct/clock.ts';
import type { Engine } from '../engine.ts';
import { fromJson } from '../json.ts';
import { noRollout } from '../not-found.ts';
import { alertOfOther } from '../recovery/other-controller.ts';
import { noteHolds } from './hold.ts';
import { toHostRow } from './host-row.ts';
import { settle, type Ended } from './settle.ts';

/** Records how a claim ended, by the worker's own word. */
export async function endClaim(
  engine: Engine,
  queries: Queries,
  host: LedgerHost,
  claimed: ClaimRow,
  outcome: Outcome,
): Promise<void> {
  const now = engine.clock.now();
  const { state, unchanged, switched, code, message, remedy } = outcome;
  await closeClaim(queries, claimed, { state, code, message, bytes: outcome.bytesSent, now });
  const { context, hostTimeout, clock } = await contextOf(engine, queries, host, now);
  const task = claimed.task as Task;
  const after = applyOutcome(toHostRow(host), { task, state, unchanged, switched }, context);
  const ended: Ended = { task, state, code, message, remedy, now, hostTimeout, clock, outcome };
  await settle(engine, queries, host, after, ended);
  await alertOfOther(engine, queries, host, outcome);
  await noteHolds(queries, host, { outcome, startedAt: claimed.started_at, now });
  if (!outcome.ownFault) return;
  const { rollout, name, site } = host;
  engine.log.error({ rollout, host: name, site, code, message }, 'a fault of our own');
}

/** Records that the lease of a claim ran out. */
export async function endLease(engine: Engine, queries: Queries, host: LedgerHost): Promise<void> {
  const now = engine.clock.now();
  await closeClaim(queries, { ...host, host: host.number }, { state: 'expired', now });
  const { context, hostTimeout, clock } = await contextOf(engine, queries, host, now);
  const before = toHostRow(host);
  const after = expireLease(before, context);
  const task = before.task ?? 'forward';
  await settle(engine, queries, host, after, { ...GONE, task, now, hostTimeout, clock });
}

const GONE = {
  state: 'expired',
  code: 'lost',
  message: 'its worker fell silent with it for the third time',
  remedy: 'Look at the host and at the worker of its site, then retry it.',
} as const;

interface Closed {
  state: string;
  code?: string | undefined;
  message?: string | undefined;
  bytes?: number;
  now: number;
}

async function closeClaim(
  queries: Queries,
  { rollout, host, epoch }: Pick<ClaimRow, 'rollout' | 'host' | 'epoch'>,
  { state, code, message, bytes, now }: Closed,
): Promise<void> {
  const ended = { ended_at: now, outcome: state, bytes_sent: bytes ?? 0 };
  const why = { code: code ?? null, message: message ?? null };
  await updateRow(queries, 'claims', { rollout, host, epoch }, { ...ended, ...why });
}

const stateOf = prepared((queries, slot: Slot<{ rollout: string }>) =>
  queries
    .selectFrom('rollouts')
    .select(['state', 'rollback', 'worked', 'worked_since'])
    .where('id', '=', slot('rollout')),
);

async function contextOf(
  engine: Engine,
  queries: Queries,
  { rollout, work_from }: LedgerHost,
  now: number,
): Promise<{ context: OutcomeContext; hostTimeout: number; clock: number }> {
  const { hostTimeout } = (await engine.frozen.of(queries, rollout)).strategy;
  const [row] = await stateOf(queries, { rollout });
  if (!row) throw noRollout(rollout);
  const rollback = fromJson<RollbackIntent>(row.rollback);
  const clock = workClock(row, now);
  const expired = work_from !== null && clock - work_from >= hostTimeout;
  return {
    context: { rollout: { state: row.state as RolloutState, rollback }, expired },
    hostTimeout,
    clock,
  };
}
