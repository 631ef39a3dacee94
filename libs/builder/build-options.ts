import type { Have } from '#bundle';
import type { BuildEvent } from './build.ts';
import type { Environment } from './run.ts';

/** What a build is told. */
export interface BuildOptions {
  /** The bundle file; folders in it are meant from its own folder. */
  file: string;
  /** A folder, or a file that ends with `.gofleet`. */
  out: string;
  /** Kept between builds: `${XDG_CACHE_HOME:-~/.cache}/gofleet/build`. */
  cache: string;
  /** For go and git: PATH, HOME, GOPROXY, GOSUMDB, GOPRIVATE, credentials. */
  env: Environment;
  /** The go command, `go` in PATH unless said otherwise. */
  go?: string;
  /** The index of Go releases, `https://go.dev/dl/` unless said otherwise; ends with a slash. */
  dlUrl?: string;
  /** An earlier bundle, whose head of the checksum database is taken again as long as it covers all modules. */
  like?: string | undefined;
  /** What the other side has: no more than what it lacks is written. The manifest and its digest stay the same. */
  against?: Have | undefined;
  /** Takes also what nobody vouches for; the manifest names it. */
  allowUnverified?: boolean | undefined;
  /** Whether every project is tried from its pack alone; true unless said otherwise. */
  rehearse?: boolean;
  /** The most that is kept between builds, in bytes; 20 GB unless said otherwise. */
  cacheBytes?: number | undefined;
  progress?: (event: BuildEvent) => void;
  signal?: AbortSignal;
}
