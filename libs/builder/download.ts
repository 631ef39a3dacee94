import { GofleetError } from '#errors';

export interface DownloadOptions {
  /** The first byte that is wanted. */
  offset?: number;
  signal?: AbortSignal | undefined;
}

/** GET of a URL, following redirects; undefined where the server has no such thing. Throws `source_unavailable`. */
export async function download(
  url: string,
  { offset = 0, signal }: DownloadOptions = {},
): Promise<AsyncIterable<Uint8Array> | undefined> {
  const headers: Record<string, string> = offset > 0 ? { range: `bytes=${offset}-` } : {};
  const response = await fetch(url, { headers, signal: signal ?? null }).catch((error: unknown) => {
    signal?.throwIfAborted();
    throw unanswered(url, reason(error));
  });
  if (response.status === 404 || response.status === 410) return undefined;
  if (!response.ok || !response.body) throw unanswered(url, `status ${response.status}`);
  const body = response.body as AsyncIterable<Uint8Array>;
  return offset > 0 && response.status !== 206 ? skip(body, offset) : body;
}

/** For servers that know no ranges. */
async function* skip(body: AsyncIterable<Uint8Array>, offset: number): AsyncGenerator<Uint8Array> {
  let left = offset;
  for await (const chunk of body) {
    const drop = Math.min(left, chunk.byteLength);
    left -= drop;
    if (drop < chunk.byteLength) yield chunk.subarray(drop);
  }
}

/** fetch says "fetch failed" and hides the reason in the cause. */
function reason(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message || cause.name : String(cause);
}

function unanswered(url: string, why: string): GofleetError {
  return new GofleetError('source_unavailable', `${url} does not answer: ${why}`, {
    remedy: 'Build on a machine with internet, or name another source.',
  });
}
