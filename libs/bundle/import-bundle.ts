import { GofleetError, isGofleetError } from '#errors';
import { partsPath } from './carried.ts';
import { assertBases, compose } from './differential/index.ts';
import type { OpenBundle } from './open-bundle.ts';
import type { BundleBlob } from './schema.ts';
import type { Trust } from './signature/index.ts';

/** Where a bundle goes: a controller over HTTP, or a store in this process. */
export interface BundleReceiver {
  /**
   * Announces the manifest byte for byte; answers the blobs that are still missing. Without any it is imported, and
   * whoever judges signatures says what came of that.
   */
  announce(manifest: string, signature: string | null): Promise<Announced>;
  /** Bytes of a blob that are there already; 0 for none, also where nobody waits for it. */
  offset(sha256: string): Promise<number>;
  /** Sends the bytes from `offset` to the end; answers the offset then. Throws `upload_offset`, `blob_mismatch`. */
  send(blob: BundleBlob, offset: number, body: AsyncIterable<Uint8Array>): Promise<number>;
  /** Bytes of a complete blob that is there, from `start` on; what reads them may leave before the end. */
  read(sha256: string, start: number): AsyncIterable<Uint8Array>;
}

export interface Announced {
  missing: string[];
  trust?: Trust;
}

export interface ImportOptions {
  /** Called with the bytes that are there and with those of all missing blobs. */
  progress?: (done: number, total: number) => void;
}

export interface Imported {
  name: string;
  digest: string;
  /** Blobs and bytes that had to be sent. */
  blobs: number;
  bytes: number;
  /** What the other side found out about who signed it, where it looked. */
  trust?: Trust;
}

const MOST_TRIES = 5;

/**
 * Sends what the other side has not, from where an earlier import stopped; what a differential bundle builds on comes
 * from there (`base_missing`). A bundle that is there costs one question.
 */
export async function importBundle(
  bundle: OpenBundle,
  receiver: BundleReceiver,
  options: ImportOptions = {},
): Promise<Imported> {
  const before = await receiver.announce(bundle.manifestText, bundle.signature);
  const { missing } = before;
  const wanted = new Set(missing);
  const blobs = bundle.manifest.blobs.filter(({ sha256 }) => wanted.has(sha256));
  await assertBases(bundle, wanted, receiver);
  const total = blobs.reduce((sum, { size }) => sum + size, 0);
  let done = 0;
  let bytes = 0;
  for (const blob of blobs) {
    bytes += await sendBlob(bundle, blob, receiver, (at) => options.progress?.(done + at, total));
    done += blob.size;
  }
  const { trust } = missing.length > 0 ? await assertComplete(bundle, receiver) : before;
  const { manifest, digest } = bundle;
  return { name: manifest.name, digest, blobs: blobs.length, bytes, ...(trust && { trust }) };
}

/** Answers the bytes that were sent; the other side may ask to go on elsewhere. */
async function sendBlob(
  bundle: OpenBundle,
  blob: BundleBlob,
  receiver: BundleReceiver,
  at: (bytes: number) => void,
): Promise<number> {
  let sent = 0;
  const count = (bytes: number): void => void (sent += bytes);
  for (let tries = 1; tries <= MOST_TRIES; tries += 1) {
    const offset = await receiver.offset(blob.sha256);
    const body = counted(bytesOf(bundle, blob, receiver, offset), offset, at, count);
    try {
      if ((await receiver.send(blob, offset, body)) === blob.size) return sent;
    } catch (error) {
      if (tries === MOST_TRIES || !isGofleetError(error, 'upload_offset')) throw error;
    }
  }
  throw incomplete([blob.sha256]);
}

/** The bytes of a blob from one on: as they are carried, or put together. */
function bytesOf(
  { differential, files, read }: OpenBundle,
  { sha256 }: BundleBlob,
  receiver: BundleReceiver,
  start: number,
): AsyncIterable<Uint8Array> {
  const composed = differential?.composed.find((each) => each.sha256 === sha256);
  if (!differential || !composed) return read(sha256, { start });
  const here = (from: number) => files.read(partsPath(sha256), { start: from });
  const there = (base: string, from: number) => receiver.read(base, from);
  return compose(composed, differential, { here, there }, start);
}

async function* counted(
  body: AsyncIterable<Uint8Array>,
  offset: number,
  at: (bytes: number) => void,
  count: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  let position = offset;
  for await (const chunk of body) {
    yield chunk;
    count(chunk.byteLength);
    at((position += chunk.byteLength));
  }
}

async function assertComplete(bundle: OpenBundle, receiver: BundleReceiver): Promise<Announced> {
  const announced = await receiver.announce(bundle.manifestText, bundle.signature);
  if (announced.missing.length > 0) throw incomplete(announced.missing);
  return announced;
}

function incomplete(missing: string[]): GofleetError {
  return new GofleetError('blobs_missing', `${missing.length} blobs did not arrive whole`, {
    remedy: 'Import again: it goes on where it stopped.',
    details: { missing },
  });
}
