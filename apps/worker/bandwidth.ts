import type { Claim } from '#api';
import type { Blobs } from '#operations';
import { throttled, tokenBucket, type TokenBucket } from '#ssh';

/** Rollouts that are remembered: more than a worker works for at once. */
const KEPT = 100;

/** What each rollout may send, over all hosts of this worker. */
export interface Buckets {
  /** The newest claim says how much: shares change as workers come and go. */
  of(claim: Pick<Claim, 'rollout' | 'limits'>): TokenBucket;
}

export function openBuckets(): Buckets {
  const known = new Map<string, TokenBucket>();
  return {
    of({ rollout, limits: { bandwidth = Infinity, perSite = Infinity } }) {
      const bucket = known.get(rollout) ?? tokenBucket();
      const rate = Math.min(bandwidth, perSite);
      bucket.rate = rate === Infinity ? undefined : rate;
      known.delete(rollout);
      known.set(rollout, bucket);
      const [oldest] = known.keys();
      if (known.size > KEPT && oldest !== undefined) known.delete(oldest);
      return bucket;
    },
  };
}

/** The same blobs, no faster than the bucket lets them. */
export function throttledBlobs(blobs: Blobs, bucket: TokenBucket): Blobs {
  return {
    ...blobs,
    open: async (sha256, offset) => throttled(await blobs.open(sha256, offset), bucket),
  };
}
