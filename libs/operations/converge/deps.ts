import type { TreeFile } from '../compare-tree.ts';
import type { KnownTree } from '../installed.ts';
import type { StepRecord } from '../task.ts';
import type { Payload, Transport } from '../transport.ts';

/** Where blobs come from: the worker's store or cache. */
export interface Blobs {
  /** The bytes from `offset` on. Throws `blob_corrupt` and the like: a fault of our own side. */
  open(sha256: string, offset: number): Promise<Payload>;
  /** Hashes the blob where it lies; throws `blob_corrupt`. Asked when a host got other bytes. */
  verify?(sha256: string): Promise<void>;
}

/** Where it is told what happens. */
export interface Report {
  step(record: StepRecord): void;
  /** Resolves once the controller has written that the switch is about to begin. */
  switching(): Promise<void>;
  /** Bytes of a blob that were handed over since the last call. */
  sent?(bytes: number): void;
}

/** What the work on one host needs from outside. */
export interface Deps {
  connect(): Promise<Transport>;
  blobs: Blobs;
  /** What the archive of a tree holds: for readings that hash trees. */
  listing?(tree: KnownTree): Promise<readonly TreeFile[]>;
  report: Report;
  /** Aborted with a StopReason: the work ends at the next safe point. */
  signal: AbortSignal;
  /** False where the controller has not answered for too long: no switch begins then. */
  maySwitch(): boolean;
  now?: () => Date;
}
