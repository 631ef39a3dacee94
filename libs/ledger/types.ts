import type { Milliseconds } from '#units';
import type { Kysely } from 'kysely';
import type { Tables } from './tables.ts';

export interface LedgerOptions {
  /** A folder of its own; made with mode 0700 where it is not there. One process opens it at a time. */
  folder: string;
}

/** One query interface for reads and for the jobs of a transaction. */
export type Queries = Kysely<Tables>;

/** What happened and who owns what: the one truth. */
export interface Ledger extends AsyncDisposable {
  /** Made with the ledger; names the fleet on every host. */
  readonly fleet: string;
  /** Where it lies; undefined: in memory alone. */
  readonly folder?: string;
  /** One consistent snapshot; jobs run one after the other. */
  read<T>(job: (queries: Queries) => Promise<T>): Promise<T>;
  /**
   * One transaction. Jobs asked for in the same tick share one commit, each in a savepoint of its own: one that
   * throws takes back its own work alone. Resolves when it is on the disk. A job with `patience` waits so long for
   * others to share its commit with, unless one without comes: each costs a sync of the disk.
   */
  write<T>(job: (queries: Queries) => Promise<T>, patience?: Milliseconds): Promise<T>;
}
