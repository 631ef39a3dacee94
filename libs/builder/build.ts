import type { Checksums } from './checksums/index.ts';
import type { Environment } from './run.ts';
import type { Go } from './go.ts';
import type { Workbench } from './cache/workbench.ts';

/** What a build is doing; `done` and `total` in bytes where they are known. */
export interface BuildEvent {
  step: 'wait' | 'preflight' | 'toolchain' | 'download' | 'pack' | 'rehearsal' | 'write';
  message: string;
  done?: number;
  total?: number;
  /** Worth keeping: it may surprise later on. */
  warning?: true;
}

/** What every part of a build works with. */
export interface Build {
  go: Go;
  env: Environment;
  bench: Workbench;
  /** What vouches for modules, those of toolchains included. */
  checksums: Checksums;
  /** The index of releases, https://go.dev/dl/ or a mirror of it. */
  dlUrl: string;
  progress(event: BuildEvent): void;
  signal: AbortSignal | undefined;
}
