export type { Ledger, LedgerOptions, Queries } from './types.ts';
export type { Tables } from './tables.ts';
