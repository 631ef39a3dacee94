import { open, readFile, stat } from 'node:fs/promises';
import type { Payload } from '#operations';

const PIECE = 256 * 1024;

/** Blobs as payloads: many sessions that send the same one share its bytes. */
export interface BlobFiles {
  /** The bytes of a file from `offset` on. */
  open(file: string, offset: number): Promise<Payload>;
}

/**
 * Reads a file once for all who send it at the same time, and forgets it after the last. Files larger than
 * `shareBelow` bytes are read piece by piece by each.
 */
export function blobFiles({ shareBelow }: { shareBelow: number }): BlobFiles {
  const shared = new Map<string, { bytes: Promise<Buffer>; users: number }>();

  function take(file: string): Promise<Buffer> {
    const there = shared.get(file) ?? { bytes: readFile(file), users: 0 };
    there.users += 1;
    shared.set(file, there);
    return there.bytes;
  }

  function give(file: string): void {
    const there = shared.get(file);
    if (!there) return;
    there.users -= 1;
    if (there.users === 0) shared.delete(file);
  }

  async function* readShared(file: string, offset: number): AsyncIterable<Uint8Array> {
    try {
      const bytes = await take(file);
      for (let at = offset; at < bytes.length; at += PIECE) yield bytes.subarray(at, at + PIECE);
    } finally {
      give(file);
    }
  }

  return {
    async open(file, offset) {
      const { size } = await stat(file);
      return {
        size: size - offset,
        read: () => (size <= shareBelow ? readShared(file, offset) : readAlone(file, offset)),
      };
    },
  };
}

async function* readAlone(file: string, offset: number): AsyncIterable<Uint8Array> {
  await using handle = await open(file, 'r');
  for (let at = offset; ;) {
    const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(PIECE), 0, PIECE, at);
    if (bytesRead === 0) return;
    at += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}
