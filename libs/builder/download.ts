import { open, rename, rm, stat } from 'node:fs/promises';
import { GofleetError, isGofleetError } from '#errors';
import pRetry from 'p-retry';

export interface DownloadOptions {
  /** The first byte that is wanted. */
  offset?: number;
  signal?: AbortSignal | undefined;
  /** Milliseconds without a byte after which the server is given up; a minute unless said otherwise. */
  patience?: number;
}

const PATIENCE = 60_000;
/** Tries in a row that bring nothing. */
const TRIES = 5;

/**
 * GET of a URL, following redirects; undefined where the server has no such thing. Throws `source_unavailable`, also
 * while the body is read; what may get better by itself is retryable.
 */
export async function download(
  address: string,
  { offset = 0, signal, patience = PATIENCE }: DownloadOptions = {},
): Promise<AsyncIterable<Uint8Array> | undefined> {
  const { url, credentials } = withoutCredentials(address);
  const silence = new AbortController();
  const watch = (): NodeJS.Timeout =>
    setTimeout(
      () => silence.abort(unanswered(url, `not a byte for ${patience / 1000} s`)),
      patience,
    );
  const timer = watch();
  try {
    const range: Record<string, string> = offset > 0 ? { range: `bytes=${offset}-` } : {};
    const headers = { ...credentials, ...range };
    const signals = AbortSignal.any(signal ? [signal, silence.signal] : [silence.signal]);
    const response = await fetch(url, { headers, signal: signals });
    const body = bodyOf(response, url);
    if (!body) return undefined;
    const chunks = attended(body, url, { watch, signal });
    return offset > 0 && response.status !== 206 ? skip(chunks, offset) : chunks;
  } catch (error) {
    signal?.throwIfAborted();
    throw isGofleetError(error) ? error : unanswered(url, reason(error));
  } finally {
    clearTimeout(timer);
  }
}

/** `https://user:password@proxy.example` as GOPROXY may have it: errors must not show it, and fetch takes none. */
function withoutCredentials(address: string): { url: string; credentials: Record<string, string> } {
  if (!URL.canParse(address)) return { url: address, credentials: {} };
  const url = new URL(address);
  const { username, password } = url;
  if (username === '' && password === '') return { url: address, credentials: {} };
  [url.username, url.password] = ['', ''];
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const authorization = `Basic ${Buffer.from(pair).toString('base64')}`;
  return { url: url.href, credentials: { authorization } };
}

/** Statuses of a server that has it and may give it another time. */
const LATER = [408, 425, 429];

function bodyOf(response: Response, url: string): AsyncIterable<Uint8Array> | undefined {
  const { status, body } = response;
  if (status === 404 || status === 410) return undefined;
  if (url.startsWith('https:') && !response.url.startsWith('https:'))
    throw refused(url, `it leads to ${response.url}, which is not encrypted`);
  if (response.ok && body) return body;
  if (status === 416) return nothing();
  const message = `status ${status}`;
  throw status >= 500 || LATER.includes(status) ? unanswered(url, message) : refused(url, message);
}

/** The range begins where the file ends: nothing of it is missing. */
async function* nothing(): AsyncGenerator<Uint8Array> {
  // no bytes
}

interface Attention {
  watch: () => NodeJS.Timeout;
  signal: AbortSignal | undefined;
}

/** The time that whoever reads needs is not the server's. */
async function* attended(
  body: AsyncIterable<Uint8Array>,
  url: string,
  { watch, signal }: Attention,
): AsyncGenerator<Uint8Array> {
  let timer = watch();
  try {
    for await (const chunk of body) {
      clearTimeout(timer);
      yield chunk;
      timer = watch();
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw isGofleetError(error) ? error : unanswered(url, reason(error));
  } finally {
    clearTimeout(timer);
  }
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

export interface Persistence {
  /** How far it has come: tries that brought something do not count. */
  reached: () => Promise<number>;
  signal?: AbortSignal | undefined;
}

/** Tries again, with pauses, what fails and may get better by itself. */
export async function persistently<T>(
  run: () => Promise<T>,
  { reached, signal }: Persistence,
): Promise<T> {
  let far = await reached();
  return pRetry(run, {
    retries: TRIES - 1,
    minTimeout: 500,
    maxTimeout: 10_000,
    signal,
    shouldRetry: ({ error }) => isGofleetError(error) && error.retryable,
    shouldConsumeRetry: async () => {
      const before = far;
      far = await reached();
      return far <= before;
    },
  });
}

/**
 * Downloads into a file, which is there whole or not at all; goes on where an earlier try broke off, also one of an
 * earlier build. Answers false where the server has no such thing.
 */
export async function downloadFile(
  url: string,
  path: string,
  options: DownloadOptions & { progress?: (bytes: number) => void } = {},
): Promise<boolean> {
  if ((await sizeOf(path)) > 0) return true;
  const part = `${path}.part`;
  const reached = async (): Promise<number> => sizeOf(part);
  const told = async function* (chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    let bytes = await reached();
    for await (const chunk of chunks) {
      yield chunk;
      options.progress?.((bytes += chunk.byteLength));
    }
  };
  const attempt = async (): Promise<boolean> => {
    const body = await download(url, { ...options, offset: await reached() });
    if (body) await append(told(body), part);
    else await rm(part, { force: true });
    return body !== undefined;
  };
  const found = await persistently(attempt, { reached, signal: options.signal });
  if (found) await rename(part, path);
  return found;
}

/** Everything that has come is written, also where the rest does not come. */
async function append(chunks: AsyncIterable<Uint8Array>, path: string): Promise<void> {
  await using file = await open(path, 'a');
  for await (const chunk of chunks) await file.appendFile(chunk);
}

async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.size ?? 0;
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

function refused(url: string, why: string): GofleetError {
  return new GofleetError('source_unavailable', `${url} is not given out: ${why}`, {
    remedy:
      'Ask who runs that server, or what stands between it and this machine; or name another source.',
    retryable: false,
  });
}
