import { createHash } from 'node:crypto';

/** How long pieces are, in bytes; cuts fall on average `2 ** bits` behind `least`. */
export interface CutSize {
  least: number;
  bits: number;
  most: number;
}

/**
 * Cuts a stream where its content says so: Gear hashing, as in FastCDC (Xia et al., USENIX ATC 2016). Streams that
 * share content share pieces, wherever it lies in them.
 */
export async function* cutByContent(
  stream: AsyncIterable<Uint8Array>,
  size: CutSize,
): AsyncGenerator<Buffer> {
  const cutter = openCutter(size);
  let held: Uint8Array[] = [];
  for await (const chunk of stream) {
    let from = 0;
    for (let to = cutter(chunk, from); to !== undefined; to = cutter(chunk, from)) {
      yield Buffer.concat([...held, chunk.subarray(from, to)]);
      held = [];
      from = to;
    }
    if (from < chunk.length) held.push(chunk.subarray(from));
  }
  if (held.length > 0) yield Buffer.concat(held);
}

/** Bytes that the hash looks back at: each step shifts one bit out. */
const WINDOW = 32;

/** Answers the end of the piece if it lies in this chunk; what came before is remembered. */
function openCutter({ least, bits, most }: CutSize) {
  const mask = ~(2 ** (32 - bits) - 1);
  let length = 0;
  let hash = 0;
  return (chunk: Uint8Array, from: number): number | undefined => {
    const skipped = Math.max(0, least - WINDOW - length);
    const start = from + skipped;
    if (start >= chunk.length) return void (length += chunk.length - from);
    const end = Math.min(chunk.length, from + most - length);
    const soonest = from + least - length;
    let rolling = hash; // a local variable: this loop sees every byte
    for (let at = start; at < end; at += 1) {
      rolling = ((rolling << 1) + GEAR[chunk[at] as number]!) | 0;
      if ((rolling & mask) === 0 && at + 1 >= soonest) return begin(at + 1);
    }
    hash = rolling;
    length += end - from;
    return length === most ? begin(end) : undefined;
  };

  function begin(end: number): number {
    length = 0;
    hash = 0;
    return end;
  }
}

/** A number for each byte, without a pattern and for ever the same. */
const GEAR = Int32Array.from({ length: 256 }, (_, byte) =>
  createHash('sha256').update(`gear ${byte}`).digest().readInt32BE(),
);
