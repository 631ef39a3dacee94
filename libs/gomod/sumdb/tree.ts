import { hash } from 'node:crypto';

/** A complete subtree of the log: the 2^level records from number n * 2^level on. */
export interface Subtree {
  level: number;
  n: number;
}

/** The hash of one record (RFC 6962, 2.1). */
export function recordHash(text: string): Buffer {
  return sha256(Buffer.concat([Buffer.from([0]), Buffer.from(text)]));
}

/** The hash of two subtrees beside each other (RFC 6962, 2.1). */
export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  return sha256(Buffer.concat([Buffer.from([1]), left, right]));
}

/** The complete subtrees that a log of so many records falls into, the largest first. */
export function subtreesOf(size: number): Subtree[] {
  const found: Subtree[] = [];
  for (let done = 0; done < size;) {
    let level = 0;
    while (2 ** (level + 1) <= size - done) level++;
    found.push({ level, n: done / 2 ** level });
    done += 2 ** level;
  }
  return found;
}

/** The hash of a whole log, from the hashes of `subtreesOf` it. */
export function rootHash(hashes: readonly Buffer[]): Buffer {
  const last = hashes.at(-1);
  if (!last) return sha256(Buffer.alloc(0));
  return hashes.slice(0, -1).reduceRight((right, left) => nodeHash(left, right), last);
}

/** The hash of a subtree, from the hashes of what is a power of two of smaller ones, one after the other. */
export function foldHashes(hashes: Buffer): Buffer {
  if (hashes.length <= 32) return hashes;
  const level = Buffer.from(hashes);
  const node = Buffer.alloc(65, 1);
  // in place, and without a buffer for each: tiles of a bundle have some hundred thousand nodes
  for (let length = level.length; length > 32; length /= 2)
    for (let at = 0; at < length; at += 64) {
      level.copy(node, 1, at, at + 64);
      sha256(node).copy(level, at / 2);
    }
  return level.subarray(0, 32);
}

function sha256(bytes: Buffer): Buffer {
  return hash('sha256', bytes, 'buffer');
}
