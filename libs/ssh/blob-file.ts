import { createHash } from 'node:crypto';
import { open, readFile, stat } from 'node:fs/promises';
import { GofleetError } from '#errors';
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
  const digests = new Map<string, Promise<Digests>>();

  /** Read once a file, for as long as the process lives: a blob never changes. */
  async function blake2b(file: string, sha256: string): Promise<string> {
    const there = digests.get(file) ?? digestsOf(file);
    digests.set(file, there);
    const found = await there.catch((error: unknown) => {
      digests.delete(file);
      throw error;
    });
    if (found.sha256 === sha256) return found.blake2b;
    digests.delete(file);
    throw new GofleetError(
      'blob_corrupt',
      `the blob ${sha256} has other bytes than its name says`,
      {
        remedy: 'Import the bundle again and look at the disk of the store.',
      },
    );
  }

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
        blake2b: (sha256) => blake2b(file, sha256),
        read: () => (size <= shareBelow ? readShared(file, offset) : readAlone(file, offset)),
      };
    },
  };
}

interface Digests {
  sha256: string;
  blake2b: string;
}

/** Both over the same bytes, so that one stands for the other. */
async function digestsOf(file: string): Promise<Digests> {
  const [sha256, blake2b] = [createHash('sha256'), createHash('blake2b512')];
  for await (const piece of readAlone(file, 0)) {
    sha256.update(piece);
    blake2b.update(piece);
  }
  return { sha256: sha256.digest('hex'), blake2b: blake2b.digest('hex') };
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
