import type { BlobRef, BundleSummary } from '#api';
import { GofleetError, isGofleetError } from '#errors';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '../client/client.ts';
import type { Progress } from '../terminal/progress.ts';

/** A bundle as the upload needs it. */
export interface Cargo {
  name: string;
  /** manifest.json, byte for byte. */
  manifest: string;
  /** manifest.json.sig. */
  signature: string | null;
  /** The bytes of a blob from an offset on. */
  read(sha256: string, offset: number): AsyncIterable<Uint8Array>;
}

const SLICE = 8 * 1024 * 1024;
const TRIES = 5;

/** Posts the manifest, sends what the controller does not have, from where an earlier upload stopped, and posts again. */
export async function uploadBundle(
  cargo: Cargo,
  client: Client,
  progress: Progress,
): Promise<BundleSummary> {
  const missing = await postManifest(cargo, client);
  if (!Array.isArray(missing)) return missing;
  const total = missing.reduce((sum, { size }) => sum + size, 0);
  let done = 0;
  for (const blob of missing) {
    const before = done;
    await uploadBlob(blob, cargo, client, (sent) =>
      progress.show(`uploading ${cargo.name}`, before + sent, total),
    );
    done += blob.size;
  }
  const imported = await postManifest(cargo, client);
  if (Array.isArray(imported)) throw stillMissing(imported);
  return imported;
}

/** The bundle that is now there, or the blobs that it lacks. */
async function postManifest(
  { manifest, signature }: Cargo,
  client: Client,
): Promise<BundleSummary | BlobRef[]> {
  try {
    return await client.post<BundleSummary>('/v1/bundles', { manifest, signature });
  } catch (error) {
    if (!isGofleetError(error, 'blobs_missing')) throw error;
    return error.details['missing'] as BlobRef[];
  }
}

/** A connection that is cut costs a look at the offset, and nothing that the controller already has. */
async function uploadBlob(
  blob: BlobRef,
  cargo: Cargo,
  client: Client,
  sent: (bytes: number) => void,
): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await sendRest(blob, cargo, client, sent);
      return;
    } catch (error) {
      const again = isGofleetError(error, 'unavailable') || isGofleetError(error, 'upload_offset');
      if (!again || tries === TRIES) throw error;
      await sleep(250 * 2 ** tries);
    }
  }
}

async function sendRest(
  { sha256, size }: BlobRef,
  cargo: Cargo,
  client: Client,
  sent: (bytes: number) => void,
): Promise<void> {
  const path = `/v1/blobs/${sha256}`;
  const { headers } = await client.call('HEAD', path);
  let offset = Number(headers.get('upload-offset') ?? 0);
  sent(offset);
  if (offset === size && size > 0) return;
  for await (const slice of slices(cargo.read(sha256, offset))) {
    const answer = await client.call('PATCH', path, {
      body: slice,
      headers: {
        'content-type': 'application/offset+octet-stream',
        'upload-offset': String(offset),
      },
    });
    offset = Number(answer.headers.get('upload-offset') ?? offset + slice.length);
    sent(offset);
  }
}

/** Gathers chunks to slices of a size at which the round trips no longer matter. At least one, be it empty. */
export async function* slices(
  chunks: AsyncIterable<Uint8Array>,
  size = SLICE,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let held: Uint8Array[] = [];
  let bytes = 0;
  let given = false;
  for await (const chunk of chunks) {
    held.push(chunk);
    bytes += chunk.length;
    if (bytes < size) continue;
    yield Buffer.concat(held);
    given = true;
    held = [];
    bytes = 0;
  }
  if (bytes > 0 || !given) yield Buffer.concat(held);
}

function stillMissing(missing: BlobRef[]): GofleetError {
  return new GofleetError(
    'blobs_missing',
    `the controller still lacks ${missing.length} of the blobs that were sent`,
    { remedy: 'Run the import again; if it stays so, look into the log of the controller.' },
  );
}
