import type { SigningOptions } from '../process/signing-policy.ts';

/** What `gofleet controller` was asked for. Relative paths are taken from the working folder. */
export interface ControllerOptions extends SigningOptions {
  /** The folder of ledger, store and all the folders below that are not named otherwise. */
  data: string;
  /** `ADDR:PORT`; port 0 takes a free one. */
  listen: string;
  /** `redis://…`, `rediss://…` or `unix:///path/of/the.sock`. */
  redis: string;
  inventory?: string | undefined;
  playbooks?: string | undefined;
  knownHosts?: string | undefined;
  notify?: string | undefined;
  /** Bundles that are kept of each name, besides those that something needs; 5 unless said otherwise. */
  keepBundles?: number | undefined;
}
