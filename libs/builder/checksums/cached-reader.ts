import type { ReadDatabase } from '#gomod';
import type { KeptDatabase } from './kept.ts';

/** Reads a database from what was kept of it, and the rest from where it is. */
export interface CachedReader {
  read: ReadDatabase;
  /** Only what was kept, here or by go. */
  fromDisk: ReadDatabase;
  remote: ReadDatabase;
  /** Keeps what has been proven. */
  keep(path: string, bytes: Uint8Array | string): Promise<void>;
  /** Believes nothing that was kept any more; answers whether it did until now. */
  distrust(): boolean;
}

/** What go itself has read of the database lies in `goCache`; like what was kept, it has to be proven. */
export function cachedReader(
  kept: KeptDatabase,
  goCache: ReadDatabase,
  remote: ReadDatabase,
): CachedReader {
  const stored = new Set<string>();
  /** Many proofs begin at once, and all go through the same few tiles. */
  const underWay = new Map<string, Promise<Buffer | undefined>>();
  let trusting = true;
  const fromDisk: ReadDatabase = async (path) => {
    if (!trusting && !stored.has(path)) return undefined;
    const bytes = await kept.read(path);
    if (bytes && trusting) stored.add(path);
    return bytes ?? (trusting ? goCache(path) : undefined);
  };
  return {
    fromDisk,
    remote,
    read: async (path) => {
      const reading = underWay.get(path) ?? fromDisk(path).then((bytes) => bytes ?? remote(path));
      underWay.set(path, reading);
      return reading.finally(() => underWay.delete(path));
    },
    keep: async (path, bytes) => {
      if (!stored.has(path)) await kept.write(path, bytes);
      stored.add(path);
    },
    distrust: () => {
      const before = trusting;
      trusting = false;
      underWay.clear();
      stored.clear();
      return before;
    },
  };
}
