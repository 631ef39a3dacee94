import type { SigningOptions } from '../process/signing-policy.ts';

/** What `gofleet worker` was asked for. Relative paths are taken from the working folder. */
export interface WorkerOptions extends SigningOptions {
  site: string;
  /** URL of the controller. */
  controller: string;
  /** `redis://…`, `rediss://…` or `unix:///path/of/the.sock`. */
  redis: string;
  /** The worker token itself; without it `tokenFile` is read. */
  token?: string | undefined;
  tokenFile?: string | undefined;
  /** Where blobs are kept; with `store` unused. */
  cache?: string | undefined;
  /** Bytes that the cache may take; 20 GB unless said otherwise. */
  cacheSize?: number | undefined;
  keys: string;
  secrets: string;
  /** worker.yaml: which secrets and keys it may use for which hosts. Absent: none. */
  config?: string | undefined;
  /** Sessions at once; 50 unless said otherwise. */
  concurrency?: number | undefined;
  /** Only the embedded worker: the data folder of a controller on this machine, its blobs are read in place. */
  store?: string | undefined;
  /** Only the embedded worker of a loopback `--listen`: without worker.yaml every secret and key is allowed. */
  trusting?: boolean | undefined;
}
