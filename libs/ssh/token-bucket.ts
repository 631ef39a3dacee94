import { setTimeout as sleep } from 'node:timers/promises';
import type { Payload } from '#operations';

/** Milliseconds' worth of bytes that may go at once after a pause. */
const BURST = 250;
/** Small enough that many who send take turns often. */
const PIECE = 64 * 1024;

/** Lets so many bytes a second through, over all who take from it, in the order in which they ask. */
export interface TokenBucket {
  /** Bytes a second from now on; undefined: as many as come. */
  rate: number | undefined;
  /** Resolves when so many bytes may go. */
  take(bytes: number): Promise<void>;
}

export function tokenBucket(): TokenBucket {
  let paidUntil = 0;
  return {
    rate: undefined,
    async take(bytes) {
      if (this.rate === undefined) return;
      const now = performance.now();
      const from = Math.max(paidUntil, now - BURST);
      paidUntil = from + (bytes / this.rate) * 1000;
      if (from > now) await sleep(from - now);
    },
  };
}

/** The same bytes, no faster than the bucket lets them. */
export function throttled(payload: Payload, bucket: TokenBucket): Payload {
  return {
    ...payload,
    async *read() {
      for await (const chunk of payload.read())
        for (let at = 0; at < chunk.length; at += PIECE) {
          const piece = chunk.subarray(at, at + PIECE);
          await bucket.take(piece.length);
          yield piece;
        }
    },
  };
}
