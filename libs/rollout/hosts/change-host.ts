import type { HostChange, HostSelection } from '../view/change.ts';
import type { HostRow } from '../view/host.ts';
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
    (select.signature === undefined || row.signature === select.signature) &&
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
      return { ...undone(row), state: 'pending', retried: true, expiries: 0 };
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
    case 'skip':
      return { ...undone(row), state: 'skipped', retried: false };
    case 'bake':
      return { ...row, baked: false };
    case 'stopRollBack':
      return stopRollBack(row);
    default:
      throw new TypeError(set satisfies never);
  }
}

/** As if it had not ended yet, but for what this rollout changed on it. */
function undone(row: HostRow): HostRow {
  return {
    ...row,
    outcome: undefined,
    signature: undefined,
    baked: false,
    unchanged: false,
    acknowledged: false,
    coveredBy: undefined,
    task: undefined,
    rollBackAfter: false,
  };
}
