/** What `gofleet up` was asked for. Relative paths are taken from the working folder. */
export interface UpOptions {
  /** The data folder, `./.gofleet` unless said otherwise. */
  data: string;
  /** `ADDR:PORT`; port 0 takes a free one, which controller.json then names. */
  listen: string;
  /** Each stands for the folder or file of that name below the data folder. */
  inventory?: string | undefined;
  playbooks?: string | undefined;
  knownHosts?: string | undefined;
  keys?: string | undefined;
  /** Sessions of the worker at once; 50 unless said otherwise. */
  concurrency?: number | undefined;
}
