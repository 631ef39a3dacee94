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
  };
}

async function missingBlobs(store: Store, manifest: string): Promise<string[]> {
  const blobs = readManifest(manifest).blobs.map(async ({ sha256 }) =>
    (await store.has(sha256)) ? [] : [sha256],
  );
  return (await Promise.all(blobs)).flat();
}
