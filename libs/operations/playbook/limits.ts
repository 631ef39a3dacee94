/** Milliseconds that a `command` check may take where the playbook does not say. */
export const DEFAULT_CHECK_TIMEOUT = 60_000;

/** Milliseconds that a `goBuild` check may take: the first build on a host compiles the standard library. */
export const DEFAULT_BUILD_TIMEOUT = 600_000;

/** The minor number of a Go version: 21 for `1.21.5`, `1.21rc2` and `1.21`. */
export function goMinor(version: string): number {
  return Number(/^1\.(\d+)/.exec(version)?.[1] ?? Number.NaN);
}

/** The first minor version of Go that reads `$GOROOT/go.env`. */
export const FIRST_WITH_GO_ENV = 21;
