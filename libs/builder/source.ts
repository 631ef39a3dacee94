import type { Toolchain } from '#bundle';
import { GofleetError } from '#errors';
import type { Build } from './build.ts';

/** One toolchain for one platform. */
export interface Wanted {
  version: string;
  os: string;
  arch: string;
}

/** A GOROOT that a source has put on this disk. */
export interface FoundGoroot {
  folder: string;
  verified: Toolchain['verified'];
  h1: string | null;
}

/** Puts a GOROOT somewhere on this disk. Throws `source_unavailable` where it has none; other errors end the build. */
export type ToolchainSource = (wanted: Wanted, build: Build) => Promise<FoundGoroot>;

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
