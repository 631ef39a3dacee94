import { setTimeout as sleep } from 'node:timers/promises';
import type { BundleSummary } from '#api';
import type { Announced, BundleReceiver } from '#bundle';
import { GofleetError, isGofleetError } from '#errors';
import { noAnswer, type Client } from '../client/client.ts';

export interface ReceiverOptions {
  /** Milliseconds before another try, doubled each time. */
  pause?: number;
  /** Bytes of one PATCH. */
  slice?: number;
}

/** At this size the round trips no longer matter. */
const SLICE = 8 * 1024 * 1024;
const TRIES = 7;

/** A controller as the receiver of a bundle. One that goes away for a while is waited for; nothing that it has is sent again. */
export function openReceiver(client: Client, options: ReceiverOptions = {}): BundleReceiver {
  const { pause = 250, slice = SLICE } = options;
  let reached = false;
  return {
    async announce(manifest, signature) {
      const ask = () => announce(client, manifest, signature);
      const answer = await (reached ? patiently(ask, pause) : ask());
      reached = true;
      return answer;
    },
    offset: (sha256) => patiently(() => offsetOf(client, sha256), pause),
    send: ({ sha256 }, offset, body) => send(client, sha256, offset, slices(body, slice)),
    read: (sha256, start) => readOn(client, sha256, start),
  };
}

async function announce(
  client: Client,
  manifest: string,
  signature: string | null,
): Promise<Announced> {
  try {
    const body = { manifest, signature };
    const { trust } = await client.post<Partial<BundleSummary>>('/v1/bundles', body);
    return { missing: [], ...(trust && { trust }) };
  } catch (error) {
    if (!isGofleetError(error, 'blobs_missing')) throw error;
    return { missing: missingOf(error) };
  }
}

function missingOf({ details }: GofleetError): string[] {
  return (details['missing'] as { sha256: string }[]).map(({ sha256 }) => sha256);
}

async function offsetOf(client: Client, sha256: string): Promise<number> {
  try {
    const { headers } = await client.call('HEAD', blobPath(sha256));
    return Number(headers.get('upload-offset') ?? 0);
  } catch (error) {
    if (isGofleetError(error, 'not_found')) return 0;
    throw error;
  }
}

/** A controller that answered before is starting again. */
async function patiently<T>(ask: () => Promise<T>, pause: number): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await ask();
    } catch (error) {
      if (!isGofleetError(error, 'unavailable') || tries === TRIES) throw error;
      await sleep(pause * 2 ** (tries - 1));
    }
  }
}

/** Slice by slice, so that a cut costs one slice and progress is what the controller has, not what was buffered. */
async function send(
  client: Client,
  sha256: string,
  offset: number,
  body: AsyncIterable<Uint8Array<ArrayBuffer>>,
): Promise<number> {
  let at = offset;
  for await (const slice of body) {
    const headers = {
      'content-type': 'application/offset+octet-stream',
      'upload-offset': String(at),
    };
    try {
      const answer = await client.call('PATCH', blobPath(sha256), { body: slice, headers });
      at = Number(answer.headers.get('upload-offset') ?? at + slice.length);
    } catch (error) {
      throw isGofleetError(error, 'unavailable') ? cut(error) : error;
    }
  }
  return at;
}

/** Where to go on is known, so that a controller that went away is as one that cut an upload off. */
async function* readOn(client: Client, sha256: string, start: number): AsyncGenerator<Uint8Array> {
  try {
    yield* readBlob(client, sha256, start);
  } catch (error) {
    throw isGofleetError(error, 'unavailable') ? cut(error) : error;
  }
}

/** A blob of the controller, from a byte on. Throws `unavailable` also where it breaks off in its middle. */
export async function* readBlob(
  client: Client,
  sha256: string,
  start = 0,
): AsyncGenerator<Uint8Array> {
  const headers: Record<string, string> = start === 0 ? {} : { range: `bytes=${start}-` };
  const { body, url } = await client.call('GET', blobPath(sha256), { headers });
  try {
    if (body) yield* body;
  } catch (error) {
    throw noAnswer(new URL(url).origin, error);
  }
}

/** Says what has to be done about it: ask where to go on. */
function cut(cause: GofleetError): GofleetError {
  return new GofleetError('upload_offset', `the upload was cut off: ${cause.message}`, {
    remedy: 'Import again: it goes on where it stopped.',
    cause,
  });
}

/** Gathers chunks to a size. At least one slice, be it empty. */
export async function* slices(
  chunks: AsyncIterable<Uint8Array>,
  size: number,
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

function blobPath(sha256: string): string {
  return `/v1/blobs/${sha256}`;
}
