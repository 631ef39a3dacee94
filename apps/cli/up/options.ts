import type { SigningOptions } from '../../process/signing-policy.ts';

/** What `gofleet up` was asked for. Relative paths are taken from the working folder. */
export interface UpOptions extends SigningOptions {
  /** The data folder, `./.gofleet` unless said otherwise. */
  data: string;
  /** `ADDR:PORT`; port 0 takes a free one, which controller.json then names. */
  listen: string;
  /** Each stands for the folder or file of that name below the data folder. */
  inventory?: string | undefined;
  playbooks?: string | undefined;
  knownHosts?: string | undefined;
  keys?: string | undefined;
  /** Bundles that are kept of each name, besides those that something needs; 5 unless said otherwise. */
  keepBundles?: number | undefined;
  /** Sessions of the worker at once; 50 unless said otherwise. */
  concurrency?: number | undefined;
}
