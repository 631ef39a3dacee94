import { join } from 'node:path';
import { GofleetError } from '#errors';
import { openStore, type BlobName, type StoredBlob } from '#store';
import type { ControllerClient } from './controller-client.ts';
import type { WorkerOptions } from './options.ts';

/** A verified blob on this machine. */
export type Blobs = (blob: BlobName) => Promise<StoredBlob>;

/**
 * The embedded worker reads the store of its controller in place, each blob hashed before its first use; what is
 * corrupt there is `blob_corrupt`. Any other worker has a cache, filled from the controller: one flight a blob, in
 * ranges, verified, and what is corrupt in it is fetched again.
 */
export async function openBlobs(options: WorkerOptions, client: ControllerClient): Promise<Blobs> {
  if (options.store !== undefined) {
    const store = await openStore(join(options.store, 'blobs'), { readOnly: true });
    return ({ sha256 }) => store.get(sha256);
  }
  if (options.cache === undefined)
    throw new GofleetError('usage', 'a worker needs a folder for its cache', {
      remedy: 'Name one with --cache DIR.',
    });
  const cache = await openStore(options.cache);
  return (blob) => cache.fetch(blob, (offset) => client.blob(blob.sha256, offset));
}
