import { join } from 'node:path';
import { GofleetError } from '#errors';
import type { Blobs } from '#operations';
import { blobFiles } from '#ssh';
import { openStore, type BlobName, type Store, type StoredBlob } from '#store';
import type { Logger } from 'pino';
import { openCache } from './cache.ts';
import type { ControllerClient } from './controller-client.ts';
import type { WorkerOptions } from './options.ts';

/** Up to this size a blob is in memory once for all hosts that it goes to at the same time. */
const SHARE_BELOW = 16 * 1024 * 1024;

/** The blobs that a claim names, as the work on its host wants them: they stay until it has ended. */
export type BlobsOf = (named: readonly BlobName[]) => Blobs & Disposable;

/**
 * Blobs on this machine, each verified before its first use: in the store of its controller for the embedded
 * worker, in a cache for any other.
 */
export async function openBlobs(
  options: WorkerOptions,
  client: ControllerClient,
  log: Logger,
): Promise<BlobsOf> {
  const source = await openSource(options, client, log);
  const files = blobFiles({ shareBelow: SHARE_BELOW });
  return (named) => ({
    ...source.hold(named),
    async open(sha256, offset) {
      const { path } = await source.get(findBlob(named, sha256));
      return files.open(path, offset);
    },
    verify: (sha256) => source.renew(findBlob(named, sha256)),
  });
}

/** Throws `blob_corrupt`, `blobs_missing`, `unavailable`: faults of our own side. */
interface Source {
  /** A verified one. */
  get(blob: BlobName): Promise<StoredBlob>;
  /** Hashes it anew, and makes good what can be made good. */
  renew(blob: BlobName): Promise<void>;
  /** They stay until then. */
  hold(blobs: readonly BlobName[]): Disposable;
}

/** Bytes, where nobody said. */
const CACHE_SIZE = 20_000_000_000;

async function openSource(
  options: WorkerOptions,
  client: ControllerClient,
  log: Logger,
): Promise<Source> {
  if (options.store !== undefined)
    return inPlace(await openStore(join(options.store, 'blobs'), { readOnly: true }));
  if (options.cache !== undefined)
    return openCache(await openStore(options.cache), {
      size: options.cacheSize ?? CACHE_SIZE,
      fetch:
        ({ sha256 }) =>
        (offset) =>
          client.blob(sha256, offset),
      log,
    });
  throw new GofleetError('usage', 'a worker needs a folder for its cache', {
    remedy: 'Name one with --cache DIR.',
  });
}

/** What is corrupt there only the controller can replace. */
function inPlace(store: Store): Source {
  return {
    get: ({ sha256 }) => store.get(sha256),
    // the controller keeps what a rollout under way needs
    hold: () => ({ [Symbol.dispose]: () => undefined }),
    async renew({ sha256 }) {
      if ((await store.verify(sha256)) === 'good') return;
      throw new GofleetError('blob_corrupt', `blob ${sha256} in the store is corrupt`, {
        remedy: 'Import the bundle again and look at the disk of the store.',
      });
    },
  };
}

function findBlob(named: readonly BlobName[], sha256: string): BlobName {
  const blob = named.find((each) => each.sha256 === sha256);
  if (blob) return blob;
  throw new GofleetError('internal', `the claim does not name the blob ${sha256}`, {
    remedy: 'Use the same release of gofleet for worker and controller.',
  });
}
