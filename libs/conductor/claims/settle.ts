import type { Outcome } from '#api';
import { updateRow, type HostRow as LedgerHost, type Queries } from '#ledger';
import type { HostRow, HostState, Task } from '#rollout';
import type { Engine } from '../engine.ts';
import { tell } from '../events/tell.ts';
import { toJson } from '../json.ts';
import { notify } from '../outbox/notify.ts';
import { TRY_AGAIN } from './constants.ts';
import { storeHost } from './host-row.ts';
import { keepReading } from '../readings/keep.ts';
import { forgetChange, updateRegistered } from './registry.ts';
import { signatureOf } from './signature.ts';

/** How a claim ended, and when. */
export interface Ended {
  task: Task;
  /** As reported, or `expired`. */
  state: string;
  code: string | undefined;
  message: string | undefined;
  remedy: string | undefined;
  now: number;
  hostTimeout: number;
  /** How long the rollout was at work: what the deadline of the host is measured with. */
  clock: number;
  /** Absent where nobody reported. */
  outcome?: Outcome;
}

/** Stores what the rules made of a host whose claim ended, and all that goes with it. */
export async function settle(
  engine: Engine,
  queries: Queries,
  host: LedgerHost,
  decided: HostRow,
  ended: Ended,
): Promise<void> {
  const after: HostRow = { ...decided, task: undefined };
  const columns = { ...wordsOf(host, after, ended), ...timesOf(host, after, ended) };
  await storeHost(queries, host, after, columns);
  const { reading } = await engine.frozen.of(queries, host.rollout);
  if (ended.outcome && reading) await keepReading(queries, host, ended.now, ended.outcome);
  else if (ended.outcome) await keepFacts(queries, host, ended, ended.outcome);
  if (after.state === 'rolled_back') await forgetChange(queries, host);
  if (after.state === host.state) return;
  await tellState(queries, host, after, ended);
  if (after.state === 'rollback_failed') await alertOf(engine, queries, host, ended);
}

/** Code, message and remedy tell of the latest end; a success clears them. */
function wordsOf(host: LedgerHost, after: HostRow, ended: Ended): Partial<LedgerHost> {
  const { code, message = '', remedy } = ended;
  if (after.state === 'succeeded' || after.state === 'rolled_back')
    return { code: null, message: null, remedy: null, signature: null };
  if (code === undefined || (ended.state === 'expired' && after.state === 'pending')) return {};
  const signature = signatureOf(code, message, host);
  return { code, message, remedy: remedy ?? null, signature };
}

const ENDED: HostState[] = [
  'succeeded',
  'failed',
  'unreachable',
  'lost',
  'cancelled',
  'rolled_back',
  'rollback_failed',
];

/** When it ended, and when it is to be looked at again. */
function timesOf(host: LedgerHost, after: HostRow, ended: Ended): Partial<LedgerHost> {
  const { now, hostTimeout, clock, task } = ended;
  const later = now + TRY_AGAIN;
  if (after.state === 'rolling_back')
    return task === 'back' ? { due_at: later } : { due_at: now, work_from: clock };
  if (after.state === 'lost') {
    const from = host.state === 'lost' ? (host.work_from ?? clock) : clock;
    const due_at = clock + TRY_AGAIN < from + hostTimeout ? later : null;
    return { due_at, work_from: from, ended_at: host.state === 'lost' ? host.ended_at : now };
  }
  return { due_at: null, work_from: null, ended_at: ENDED.includes(after.state) ? now : null };
}

const UNSEEN = ['unreachable', 'released', 'cancelled', 'lost'];

/** What the worker read on the host, per rollout and for the fleet. */
async function keepFacts(
  queries: Queries,
  host: LedgerHost,
  { task, now }: Ended,
  { state, before, after }: Outcome,
): Promise<void> {
  if (task === 'forward' && (before !== undefined || after !== undefined))
    await updateRow(
      queries,
      'host_specs',
      { rollout: host.rollout, number: host.number },
      { facts_before: toJson(before), facts_after: toJson(after) },
    );
  if (state === 'released') return;
  const facts = toJson(after ?? before);
  await updateRegistered(queries, host, {
    last_rollout: host.rollout,
    last_outcome: state,
    ...(facts !== null && { facts }),
    ...(!UNSEEN.includes(state) && { last_seen_at: now, adopt: 0 }),
    ...(state === 'succeeded' && { last_succeeded_at: now }),
  });
}

async function tellState(queries: Queries, host: LedgerHost, after: HostRow, ended: Ended) {
  const { code, message } = ended;
  const details = {
    state: after.state,
    ...(after.state === 'succeeded' && { unchanged: after.unchanged }),
    ...(code !== undefined && { code, message }),
  };
  const { rollout, batch, name } = host;
  await tell(queries, ended.now, { type: 'host.state', rollout, batch, host: name, details });
}

async function alertOf(engine: Engine, queries: Queries, host: LedgerHost, ended: Ended) {
  const { rollout, batch, name } = host;
  const details = {
    code: 'rollback_failed',
    message: `${name} could not be rolled back: ${ended.message ?? 'no answer'}`,
  };
  await tell(queries, ended.now, { type: 'alert', rollout, batch, host: name, details });
  await notify(engine, queries, rollout, 'rollback_failed', {
    code: 'rollback_failed',
    message: details.message,
  });
}
