import type { Toolchain } from '#bundle';
import { GofleetError } from '#errors';
import type { Build } from '../build.ts';

/** One toolchain for one platform. */
export interface Wanted {
  version: string;
  os: string;
  arch: string;
}

/** A GOROOT that a source has put on this disk. */
export interface FoundGoroot {
  folder: string;
  /** Whether its archive had the SHA-256 that was published with it. */
  published: boolean;
  /**
   * Whether it says of itself that it is what the Go project has released: then another hash than that of the checksum
   * database is a forgery, and not somebody's own build.
   */
  released: boolean;
}

/** What a source has for a toolchain; nothing is unpacked yet. */
export interface Offer {
  /** What tells it from what the source had another time; version and platform do already. */
  inputs: readonly string[];
  /** Puts it on this disk. Throws `source_unavailable` where the source has none; other errors end the build. */
  unpack(): Promise<FoundGoroot>;
  /** Called when it was made for good, or is bad: what was kept of its download is not needed again. */
  discard?(): Promise<void>;
}

/** Where toolchains come from. `offer` throws as `unpack` does. */
export interface ToolchainSource {
  name: Toolchain['source'];
  offer(wanted: Wanted, build: Build): Promise<Offer>;
}

export function named({ version, os, arch }: Wanted): string {
  return `${version} ${os}/${arch}`;
}

/** A source has nothing for this toolchain. */
export function unavailable(message: string, retryable = false): GofleetError {
  return new GofleetError('source_unavailable', message, {
    remedy: 'Ask for a version and platform that exist, or name another source.',
    retryable,
  });
}
