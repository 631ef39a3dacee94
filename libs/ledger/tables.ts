/** The tables of the ledger. */
export interface Tables {}
