import type { Store } from '#store';
import type { BundleReceiver } from './import-bundle.ts';
import { readManifest } from './manifest.ts';

/** Receives a bundle into a store of this process; the manifest itself is the caller's to keep. */
export function storeReceiver(store: Store): BundleReceiver {
  return {
    announce: async (manifest) => ({ missing: await missingBlobs(store, manifest) }),
    offset: async (sha256) => (await store.offset(sha256)) ?? 0,
    send: async ({ sha256, size }, offset, body) =>
      (await store.append({ sha256, size, offset, body })).offset,
    read: (sha256, start) => readFrom(store, sha256, start),
  };
}

async function missingBlobs(store: Store, manifest: string): Promise<string[]> {
  const blobs = readManifest(manifest).blobs.map(async ({ sha256 }) =>
    (await store.has(sha256)) ? [] : [sha256],
  );
  return (await Promise.all(blobs)).flat();
}

async function* readFrom(store: Store, sha256: string, start: number): AsyncGenerator<Uint8Array> {
  const blob = await store.get(sha256);
  for await (const chunk of blob.read({ start })) {
    if (!(chunk instanceof Uint8Array)) throw new TypeError('a blob is read as bytes');
    yield chunk;
  }
}
