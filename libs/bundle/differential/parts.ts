import { createHash, type Hash } from 'node:crypto';
import { MEMBER_HEAD, memberLength } from '../archive/archive-members.ts';

/** A member of an archive, by its content: the first 128 bits of its SHA-256, in hex. */
export interface Part {
  key: string;
  /** Bytes of the whole member. */
  size: number;
}

/**
 * The members that a blob begins with, one behind the other; none where it is not cut. Two keys that are the same by
 * accident or by intent do no harm: what is put together is hashed.
 */
export async function partsOf(blob: AsyncIterable<Uint8Array>): Promise<Part[]> {
  const parts: Part[] = [];
  let member: { hash: Hash; size: number; left: number } | undefined;
  let head = Buffer.alloc(0);
  for await (const chunk of blob) {
    let rest = chunk;
    while (rest.length > 0) {
      if (member === undefined) {
        const taken = rest.subarray(0, MEMBER_HEAD - head.length);
        head = Buffer.concat([head, taken]);
        rest = rest.subarray(taken.length);
        if (head.length < MEMBER_HEAD) break;
        const size = memberLength(head);
        if (size === undefined) return parts;
        member = { hash: createHash('sha256').update(head), size, left: size - head.length };
        head = Buffer.alloc(0);
      }
      const taken = rest.subarray(0, member.left);
      member.hash.update(taken);
      member.left -= taken.length;
      rest = rest.subarray(taken.length);
      if (member.left > 0) break;
      parts.push({ key: member.hash.digest('hex').slice(0, KEY * 2), size: member.size });
      member = undefined;
    }
  }
  return parts;
}

const KEY = 16;
const RECORD = KEY + 4;

/** Parts in few letters: base64 of the bytes of each key and its size as a big-endian number of 32 bits. */
export function packParts(parts: readonly Part[]): string {
  const bytes = Buffer.alloc(parts.length * RECORD);
  for (const [index, { key, size }] of parts.entries()) {
    bytes.write(key, index * RECORD, 'hex');
    bytes.writeUInt32BE(size, index * RECORD + KEY);
  }
  return bytes.toString('base64');
}

/** undefined for what `packParts` never wrote. */
export function unpackParts(text: string): Part[] | undefined {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length % RECORD !== 0 || bytes.toString('base64') !== text) return undefined;
  return Array.from({ length: bytes.length / RECORD }, (_, index) => ({
    key: bytes.toString('hex', index * RECORD, index * RECORD + KEY),
    size: bytes.readUInt32BE(index * RECORD + KEY),
  }));
}
