import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import type { FilePlace } from '../open-bundle.ts';

/** The SHA-256 in hex, or why the bytes cannot be read. */
export type PlaceHash = { sha256: string } | { unreadable: string };

const CHUNK = 1 << 20;
/** Bytes between two words about how far it is. */
const STRIDE = 32 << 20;

/** Hashes bytes of a file, waiting for the disk where it stands: for a thread that does nothing else. */
export function hashPlace(place: FilePlace, read: (bytes: number) => void): PlaceHash {
  try {
    return { sha256: hashBytes(place, read) };
  } catch (error) {
    return { unreadable: error instanceof Error ? error.message : String(error) };
  }
}

function hashBytes({ path, offset, size }: FilePlace, read: (bytes: number) => void): string {
  const hash = createHash('sha256');
  const chunk = Buffer.allocUnsafeSlow(Math.min(CHUNK, size));
  const file = openSync(path, 'r');
  try {
    let told = 0;
    let done = 0;
    while (done < size) {
      const bytes = readSync(file, chunk, 0, Math.min(CHUNK, size - done), offset + done);
      if (bytes === 0) break; // it became shorter meanwhile: the hash tells
      hash.update(chunk.subarray(0, bytes));
      done += bytes;
      if (done - told >= STRIDE) told = tell(done, told, read);
    }
    tell(done, told, read);
  } finally {
    closeSync(file);
  }
  return hash.digest('hex');
}

function tell(done: number, told: number, read: (bytes: number) => void): number {
  if (done > told) read(done - told);
  return done;
}
