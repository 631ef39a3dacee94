import type { HostChange, HostSelection } from './change.ts';
import type { HostRow } from './host.ts';
import { stopRollBack } from './outcome.ts';

/** Whether a selection takes a host: the meaning that the ledger's WHERE clause must have. */
export function isSelected(row: HostRow, select: HostSelection): boolean {
  return (
    (select.states?.includes(row.state) ?? true) &&
    (select.batches?.includes(row.batch) ?? true) &&
    (select.numbers?.includes(row.number) ?? true) &&
    (select.outcomes === undefined ||
      (row.outcome !== undefined && select.outcomes.includes(row.outcome))) &&
    (select.changed === undefined || row.changed) &&
    (select.idle === undefined || row.task === undefined) &&
    (select.counted === undefined || isCounted(row)) &&
    (select.coveredUpTo === undefined ||
      (row.coveredBy !== undefined && row.coveredBy <= select.coveredUpTo))
  );
}

function isCounted(row: HostRow): boolean {
  return !row.acknowledged && row.outcome !== undefined && row.outcome !== 'succeeded';
}

/** What a change makes of one selected host; `decision` is the number stored in the same transaction. */
export function changeHost(row: HostRow, set: HostChange, decision?: number): HostRow {
  switch (set) {
    case 'requeue':
      return { ...row, state: 'pending', task: undefined };
    case 'retry':
      return { ...fresh(row), retried: true };
    case 'revive':
      return { ...row, state: 'pending' };
    case 'cancel':
      return { ...row, state: 'cancelled', task: undefined, retried: false };
    case 'stop':
      return row;
    case 'cover':
      return { ...row, coveredBy: row.coveredBy ?? decision };
    case 'acknowledge':
      return { ...row, acknowledged: true };
    case 'rollBack':
      return { ...row, state: 'rolling_back', retried: false };
    case 'rollBackAfter':
      return { ...row, rollBackAfter: true };
    case 'stopRollBack':
      return stopRollBack(row);
    default:
      throw new TypeError(set satisfies never);
  }
}

/** As planned, but for what this rollout changed on it. */
function fresh(row: HostRow): HostRow {
  return {
    ...row,
    state: 'pending',
    outcome: undefined,
    unchanged: false,
    acknowledged: false,
    coveredBy: undefined,
    task: undefined,
    rollBackAfter: false,
    expiries: 0,
  };
}
