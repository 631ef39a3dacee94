import type { SigningPolicy } from '#bundle';
import type { Ledger } from '#ledger';
import type { Store } from '#store';
import type { Milliseconds } from '#units';
import type { Clock, Dispatch, Log, RunNotifyCommand } from './ports.ts';

/** What the conductor works with; the caller opens and closes all of it. */
export interface ConductorDeps {
  ledger: Ledger;
  dispatch: Dispatch;
  clock: Clock;
  store: Store;
  /** Where names in plans are looked up; nothing outside is read. */
  folders: { inventory: string; playbooks: string };
  /** Paths of known_hosts files with pinned keys; those that are not there count as empty. */
  knownHosts: string[];
  /** Who may sign bundles, read anew for each judgement; absent: nobody is asked, as in simulations. */
  signing?: () => Promise<SigningPolicy>;
  /** Bundles that are kept of each name, besides those that something needs; absent: all. */
  keepBundles?: number;
  runNotifyCommand: RunNotifyCommand;
  log: Log;
  /** Closes all of this and opens it again, with the ledger that was put beside the present one. */
  restart?: () => void;
  /** Plans whose text and inventory have as many bytes are drawn up in a thread of their own; absent: none. */
  threadFrom?: number;
  /** What reports and claims may wait for others to share a sync of the disk with. */
  patience?: Milliseconds;
  /** The release of gofleet. */
  release: string;
  /** How workers reach the queue of a site. */
  queue: { prefix: string; nameOf(site: string): string };
}
