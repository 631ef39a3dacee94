import { GofleetError, isGofleetError } from '#errors';
import type { BlobName } from './blob.ts';
import type { OpenSource, Store, StoredBlob } from './types.ts';

/** What is here and good is used; else it is fetched from where an earlier try stopped, and once more from 0 if that was bad. */
export async function fetchInto(
  store: Store,
  blob: BlobName,
  source: OpenSource,
): Promise<StoredBlob> {
  const present = await good(store, blob.sha256);
  if (present) return present;
  const offset = (await store.offset(blob.sha256)) ?? 0;
  try {
    await appendFrom(store, blob, source, offset);
  } catch (error) {
    if (offset === 0 || !isGofleetError(error, 'blob_mismatch')) throw error;
    await appendFrom(store, blob, source, 0);
  }
  return store.get(blob.sha256);
}

async function appendFrom(
  store: Store,
  blob: BlobName,
  source: OpenSource,
  offset: number,
): Promise<void> {
  const body = offset < blob.size ? await source(offset) : nothing();
  const end = await store.append({ ...blob, offset, body });
  if (!end.complete)
    throw new GofleetError('unavailable', `blob ${blob.sha256} broke off at byte ${end.offset}`, {
      remedy: 'Try again: it goes on where it broke off.',
      retryable: true,
    });
}

async function good(store: Store, sha256: string): Promise<StoredBlob | undefined> {
  try {
    return await store.get(sha256);
  } catch (error) {
    if (isGofleetError(error, 'blobs_missing') || isGofleetError(error, 'blob_corrupt'))
      return undefined;
    throw error;
  }
}

/** A full upload that was never hashed asks for no byte that does not exist. */
async function* nothing(): AsyncGenerator<Uint8Array> {
  // no bytes
}
