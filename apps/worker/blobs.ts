import { join } from 'node:path';
import { GofleetError } from '#errors';
import type { Blobs } from '#operations';
import { blobFiles } from '#ssh';
import { openStore, type BlobName, type Store, type StoredBlob } from '#store';
import type { ControllerClient } from './controller-client.ts';
import type { WorkerOptions } from './options.ts';

/** Up to this size a blob is in memory once for all hosts that it goes to at the same time. */
const SHARE_BELOW = 16 * 1024 * 1024;

/** The blobs that a claim names, as the work on its host wants them. */
export type BlobsOf = (named: readonly BlobName[]) => Blobs;

/**
 * Blobs on this machine, each verified before its first use: in the store of its controller for the embedded
 * worker, in a cache for any other.
 */
export async function openBlobs(
  options: WorkerOptions,
  client: ControllerClient,
): Promise<BlobsOf> {
  const source = await openSource(options, client);
  const files = blobFiles({ shareBelow: SHARE_BELOW });
  return (named) => ({
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
}

async function openSource(options: WorkerOptions, client: ControllerClient): Promise<Source> {
  if (options.store !== undefined)
    return inPlace(await openStore(join(options.store, 'blobs'), { readOnly: true }));
  if (options.cache !== undefined) return cached(await openStore(options.cache), client);
  throw new GofleetError('usage', 'a worker needs a folder for its cache', {
    remedy: 'Name one with --cache DIR.',
  });
}

/** What is corrupt there only the controller can replace. */
function inPlace(store: Store): Source {
  return {
    get: ({ sha256 }) => store.get(sha256),
    async renew({ sha256 }) {
      if ((await store.verify(sha256)) === 'good') return;
      throw new GofleetError('blob_corrupt', `blob ${sha256} in the store is corrupt`, {
        remedy: 'Import the bundle again and look at the disk of the store.',
      });
    },
  };
}

/** Filled from the controller: one flight a blob, from where an earlier one broke off; a corrupt one anew. */
function cached(cache: Store, client: ControllerClient): Source {
  const get = (blob: BlobName) => cache.fetch(blob, (offset) => client.blob(blob.sha256, offset));
  return {
    get,
    async renew(blob) {
      if ((await cache.verify(blob.sha256)) !== 'good') await get(blob);
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
