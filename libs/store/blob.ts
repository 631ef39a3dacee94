import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { GofleetError } from '#errors';

/** A blob is named by the SHA-256 of its bytes, in lower-case hex. */
export interface BlobName {
  sha256: string;
  /** Bytes. */
  size: number;
}

/** Half open: `start` is the first byte, `end` the byte after the last. */
export interface ByteRange {
  start: number;
  end?: number;
}

/** Refuses what is no SHA-256 before it becomes part of a path. */
export function assertSha256(sha256: string): string {
  if (/^[0-9a-f]{64}$/.test(sha256)) return sha256;
  throw new GofleetError('invalid_request', `${JSON.stringify(sha256)} is no SHA-256`, {
    remedy: 'Name the blob by 64 lower-case hex digits.',
  });
}

/** The SHA-256 of a file, in hex. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
  return hash.digest('hex');
}
