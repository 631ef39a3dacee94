import { availableParallelism } from 'node:os';
import { promisify } from 'node:util';
import { crc32, deflateRaw } from 'node:zlib';
import { cutByContent, type CutSize } from './archive-cut.ts';

/**
 * Packs a stream as a row of gzip members that are cut by its content, so that archives with common content have
 * common members. Any gzip reads them as one file (RFC 1952, 2.2).
 */
export async function* gzipMembers(
  stream: AsyncIterable<Uint8Array>,
  size: CutSize,
  level: number,
): AsyncGenerator<Buffer> {
  const packing: Promise<Buffer>[] = [];
  for await (const piece of cutByContent(stream, size)) {
    const member = memberOf(piece, level);
    member.catch(() => {}); // it is thrown where its turn comes
    packing.push(member);
    if (packing.length > AT_ONCE) yield* packing.splice(0, 1);
  }
  yield* packing;
}

/** Deflated by the threads of zlib; one more than they work on waits for each. */
const AT_ONCE = 2 * availableParallelism();
const deflate = promisify(deflateRaw);

/** Magic, deflate, FEXTRA; no time, no flags, no system: 1f 8b 08 04 … ff. */
const HEAD = Buffer.from([0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 0xff]);
/** XLEN, the two letters of our subfield, its length: the bytes of the whole member follow. */
const EXTRA = Buffer.from([8, 0, 0x47, 0x46, 4, 0]);
/** Bytes before the deflated ones. */
export const MEMBER_HEAD = HEAD.length + EXTRA.length + 4;

async function memberOf(piece: Buffer, level: number): Promise<Buffer> {
  // in one piece: every piece more is another way from a thread and back
  const body = await deflate(piece, { level, chunkSize: piece.length + MOST_GROWTH });
  const member = Buffer.allocUnsafe(MEMBER_HEAD + body.length + 8);
  const at = HEAD.copy(member) + EXTRA.copy(member, HEAD.length);
  member.writeUInt32LE(member.length, at);
  body.copy(member, MEMBER_HEAD);
  member.writeUInt32LE(crc32(piece), member.length - 8);
  member.writeUInt32LE(piece.length, member.length - 4);
  return member;
}

/** Bytes by which what cannot be packed gets longer: five for each 16 KiB, and some. */
const MOST_GROWTH = 4 * 1024;

/** Bytes of the whole member that begins here; undefined where none of ours does. */
export function memberLength(head: Buffer): number | undefined {
  if (head.length < MEMBER_HEAD || head.compare(HEAD, 0, 10, 0, 10) !== 0) return undefined;
  if (head.compare(EXTRA, 0, 6, 10, 16) !== 0) return undefined;
  const length = head.readUInt32LE(16);
  return length > MEMBER_HEAD ? length : undefined;
}
