import type { ForwardOutcome, HostRow, Task } from '../view/host.ts';
import type { RolloutView } from '../view/view.ts';

/** How a claim ended, as the worker says it. `released`: given back untouched, no fault of the host. */
export interface ClaimOutcome {
  task: Task;
  state: ForwardOutcome | 'cancelled' | 'released' | 'rolled_back' | 'rollback_failed';
  /** Nothing differed, nothing was sent or switched. */
  unchanged: boolean;
  /** The switch began in this claim. */
  switched: boolean;
}

/** What the rollout makes of a host that ends now. */
export interface OutcomeContext {
  rollout: Pick<RolloutView, 'state' | 'rollback'>;
  /** `timeouts.host` has passed since the host was chosen for its rollback. */
  expired: boolean;
}

/** The third lease of a rollout that runs out on a host is taken for the host's own fault. */
export const MOST_EXPIRIES = 3;

/**
 * The row after a claim has ended. Late reports of the newest epoch come here too: what they say of the host is
 * taken, whatever was assumed meanwhile. A report that no longer concerns the host gives the same row back.
 */
export function applyOutcome(
  row: HostRow,
  outcome: ClaimOutcome,
  context: OutcomeContext,
): HostRow {
  switch (outcome.task) {
    case 'forward':
      return endForward(row, outcome, context);
    case 'back':
      return endBack(row, outcome, context);
    case 'probe':
      return endProbe(row, outcome);
    case 'bake':
      return endBake(row, outcome);
    default:
      throw new TypeError(outcome.task satisfies never);
  }
}

/** The row after the lease of its claim has run out without a report. */
export function expireLease(row: HostRow, context: OutcomeContext): HostRow {
  const task = row.task ?? 'forward';
  const ended = (state: 'lost' | 'released') => ({
    task,
    state,
    unchanged: false,
    switched: false,
  });
  if (task === 'back' || task === 'probe') return applyOutcome(row, ended('lost'), context);
  const expiries = row.expiries + 1;
  const unknown =
    expiries >= MOST_EXPIRIES || (task === 'forward' && isOver(context) && row.changed);
  return applyOutcome({ ...row, expiries }, ended(unknown ? 'lost' : 'released'), context);
}

/** The row once the worker has said that the switch is about to begin. */
export function beginSwitch(row: HostRow): HostRow {
  return { ...row, changed: true };
}

function endForward(row: HostRow, outcome: ClaimOutcome, context: OutcomeContext): HostRow {
  if (row.state === 'rolled_back' || row.state === 'rollback_failed') return row;
  const changed = row.changed || outcome.switched;
  if (row.state === 'skipped' || isOfBeforeRetry(row)) return { ...row, changed };
  const idle = { ...row, changed, task: undefined, rollBackAfter: false };
  const ended = withOutcome(idle, outcome);
  const chosen = row.rollBackAfter && context.rollout.state === 'rolling_back' && changed;
  if (chosen || row.state === 'rolling_back')
    return { ...ended, state: 'rolling_back', retried: false };
  return ended.outcome === undefined || isReturned(outcome)
    ? { ...idle, state: stateOfReturned(row, outcome, context) }
    : ended;
}

/** A person sent the host again since: what it ended with before is not what it ends with now. */
function isOfBeforeRetry({ expiries, retried, state }: HostRow): boolean {
  return retried && expiries === 0 && (state === 'pending' || state === 'queued');
}

function isReturned(outcome: ClaimOutcome): boolean {
  return outcome.state === 'released' || outcome.state === 'cancelled';
}

/** A host that did not end: it goes again, unless nothing forward happens any more. */
function stateOfReturned(
  row: HostRow,
  outcome: ClaimOutcome,
  context: OutcomeContext,
): HostRow['state'] {
  if (row.outcome !== undefined) return row.state;
  if (isOver(context)) return 'cancelled';
  return outcome.state === 'cancelled' && context.rollout.state !== 'running'
    ? 'cancelled'
    : 'pending';
}

/** Aborting, ended, or rolling back towards such an end. */
function isOver({ rollout }: OutcomeContext): boolean {
  const state = rollout.state === 'rolling_back' ? rollout.rollback?.from : rollout.state;
  return state !== 'running' && state !== 'pending_approval' && state !== 'paused';
}

/** Records what the host ended with; where the switch began, no answer means that nobody knows: `lost`. */
function withOutcome(row: HostRow, outcome: ClaimOutcome): HostRow {
  switch (outcome.state) {
    case 'succeeded':
      return {
        ...settled(row, 'succeeded'),
        unchanged: outcome.unchanged && !row.changed,
        acknowledged: false,
        coveredBy: undefined,
      };
    case 'failed':
    case 'lost':
      return settled(row, outcome.state);
    case 'unreachable':
      return settled(row, row.changed ? 'lost' : 'unreachable');
    case 'cancelled':
    case 'released':
    case 'rolled_back':
    case 'rollback_failed':
      return row;
    default:
      throw new TypeError(outcome.state satisfies never);
  }
}

function settled(row: HostRow, outcome: ForwardOutcome): HostRow {
  return { ...row, outcome, state: outcome, unchanged: false, retried: false };
}

function endBack(row: HostRow, outcome: ClaimOutcome, context: OutcomeContext): HostRow {
  if (row.state !== 'rolling_back') return row;
  const idle = { ...row, task: undefined };
  if (outcome.state === 'rolled_back') return { ...idle, state: 'rolled_back', changed: false };
  if (outcome.state === 'rollback_failed' || outcome.state === 'failed')
    return { ...idle, state: 'rollback_failed' };
  if (context.rollout.state !== 'rolling_back') return stopRollBack(idle);
  const silent = outcome.state === 'unreachable' || outcome.state === 'lost';
  return silent && context.expired ? { ...idle, state: 'rollback_failed' } : idle;
}

/** A host that was chosen and not rolled back yet is again what it ended as. */
export function stopRollBack(row: HostRow): HostRow {
  return { ...row, state: row.outcome ?? 'cancelled' };
}

function endProbe(row: HostRow, outcome: ClaimOutcome): HostRow {
  const idle = row.task === 'probe' ? { ...row, task: undefined } : row;
  const known = outcome.state === 'succeeded' || outcome.state === 'failed';
  if (!known || row.outcome !== 'lost') return idle;
  const ended = withOutcome(idle, outcome);
  return row.state === 'lost' ? ended : { ...ended, state: row.state };
}

/**
 * What a host ended with after its bake; one that does not answer is `lost`, one that was given back is checked again.
 * So a late report is not needed, unless the check goes on meanwhile.
 */
function endBake(row: HostRow, outcome: ClaimOutcome): HostRow {
  if (row.task !== 'bake') return row;
  const idle = { ...row, task: undefined };
  if (row.outcome !== 'succeeded') return idle;
  switch (outcome.state) {
    case 'succeeded':
      return { ...idle, baked: true };
    case 'failed':
    case 'lost':
    case 'unreachable': {
      const ended = settled(idle, outcome.state === 'failed' ? 'failed' : 'lost');
      return row.state === 'succeeded' ? ended : { ...ended, state: row.state };
    }
    case 'cancelled':
    case 'released':
    case 'rolled_back':
    case 'rollback_failed':
      return idle;
    default:
      throw new TypeError(outcome.state satisfies never);
  }
}
