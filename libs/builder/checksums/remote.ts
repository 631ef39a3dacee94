import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { GofleetError, isGofleetError } from '#errors';
import type { ReadDatabase } from '#gomod';
import pLimit from 'p-limit';
import pRetry from 'p-retry';
import { download } from '../download.ts';
import { parseProxies } from '../goproxy.ts';
import type { DatabaseSettings } from './settings.ts';

/** Small answers on few connections: many at once are dropped by what stands between, and then waited for. */
const AT_ONCE = 8;
const RETRIES = 2;
/** Milliseconds without a byte. */
const PATIENCE = 20_000;
/** Tiles have 8 KiB, records and heads less than one. */
const MOST_BYTES = 1 << 20;

/**
 * Reads a checksum database as go does: through the first proxy of GOPROXY that says it serves it, else directly
 * (https://go.dev/design/25530-sumdb#proxying-a-checksum-database). What does not answer once is not asked again.
 * Throws `source_unavailable`.
 */
export function remoteDatabase(settings: DatabaseSettings, signal?: AbortSignal): ReadDatabase {
  const limit = pLimit(AT_ONCE);
  let base: Promise<string> | undefined;
  let down: GofleetError | undefined;
  return async (path) => {
    const from = await (base ??= baseOf(settings, signal));
    return limit(async () => {
      if (down) throw down;
      try {
        return await read(`${from}/${path}`, signal);
      } catch (error) {
        if (isGofleetError(error, 'source_unavailable')) down = error;
        throw error;
      }
    });
  };
}

async function baseOf(
  { key, url, proxies }: DatabaseSettings,
  signal: AbortSignal | undefined,
): Promise<string> {
  if (url !== undefined) return url.replace(/\/$/, '');
  for (const { url: proxy, lenient } of parseProxies(proxies)) {
    if (proxy === 'direct' || proxy === 'off') break;
    if (proxy === 'noproxy') continue;
    const base = `${proxy}/sumdb/${key.name}`;
    const serves = await read(`${base}/supported`, signal).catch((error: unknown) => {
      if (lenient && isGofleetError(error, 'source_unavailable')) return undefined;
      throw error;
    });
    if (serves) return base;
  }
  return `https://${key.name}`;
}

async function read(url: string, signal: AbortSignal | undefined): Promise<Buffer | undefined> {
  if (url.startsWith('file://')) return readFile(fileURLToPath(url)).catch(whereNothingIs);
  return pRetry(async () => fetched(url, signal), {
    retries: RETRIES,
    minTimeout: 300,
    ...(signal && { signal }),
    shouldRetry: ({ error }) => isGofleetError(error) && error.retryable,
  });
}

async function fetched(url: string, signal: AbortSignal | undefined): Promise<Buffer | undefined> {
  const body = await download(url, { signal, patience: PATIENCE });
  if (!body) return undefined;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    size += chunk.byteLength;
    if (size > MOST_BYTES) throw tooMuch(url);
  }
  return Buffer.concat(chunks);
}

function whereNothingIs(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
  throw error;
}

function tooMuch(url: string): GofleetError {
  return new GofleetError('source_unavailable', `${url} is longer than any answer of a database`, {
    remedy: 'Look at what stands between this machine and the checksum database.',
    retryable: false,
  });
}
