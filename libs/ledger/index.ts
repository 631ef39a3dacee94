export {
  changeHosts,
  leftAlone,
  namesOf,
  type HostsChange,
  type LeftAlone,
} from './change-hosts.ts';
export { backUpLedger, type BackupOrder } from './backup.ts';
export type { LedgerFile } from './file-tasks.ts';
export { checkRestore } from './restore.ts';
export { receiveRestore, restoreFiles, stageRestore, type RestoreOrder } from './stage.ts';
export { countBatches, recountBatches } from './recount.ts';
export { READING } from './reading.ts';
export { openMemoryLedger, type MemoryLedger } from './memory.ts';
export { insertRows } from './insert-rows.ts';
export { inPlaces, isDoubtful, workedBy, type Place } from './select-hosts.ts';
export { openLedger } from './open.ts';
export { prepared, type PreparedQuery, type Slot } from './prepared.ts';
export { findRow, updateRow } from './rows.ts';
export { takeRegistered } from './take-hosts.ts';
export type {
  AuditRow,
  BatchRow,
  BundleRow,
  ClaimRow,
  DecisionRow,
  EventRow,
  HostRow,
  HostSpecRow,
  NewHostRow,
  RegistryRow,
  RolloutRow,
  StepRow,
  Tables,
  TokenRow,
} from './tables.ts';
export type { Ledger, LedgerOptions, Queries } from './types.ts';
