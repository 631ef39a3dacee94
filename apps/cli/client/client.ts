import { randomUUID } from 'node:crypto';
import { GofleetError } from '#errors';
import type { Page } from '#api';
import type { Endpoint } from './endpoint.ts';
import { problemError } from './problem.ts';

export type Query = Record<string, string | number | undefined>;

/** A resource with the ETag that a verb on it has to name. */
export interface Tagged<T> {
  value: T;
  etag: string | undefined;
}

export interface CallOptions {
  query?: Query;
  headers?: Record<string, string>;
  /** A string, bytes or a Blob (of a file) are sent as they are and need a content type in `headers`; all else as JSON. */
  body?: unknown;
  /** Milliseconds until the headers of the answer are there. */
  timeout?: number;
  signal?: AbortSignal;
}

/**
 * The REST interface of one controller. Answers are taken at their word: the controller may be newer and say more than this
 * release knows. Every method throws the `GofleetError` that the answer tells of, `unavailable` where there is none.
 */
export interface Client {
  get<T>(path: string, query?: Query): Promise<T>;
  getTagged<T>(path: string): Promise<Tagged<T>>;
  getText(path: string): Promise<string>;
  /** Every page of a list. */
  list<T>(path: string, query?: Query): Promise<T[]>;
  post<T>(path: string, body: unknown, options?: CallOptions): Promise<T>;
  delete<T = void>(path: string): Promise<T>;
  /** Any answer with a status below 400, unread. */
  call(method: string, path: string, options?: CallOptions): Promise<Response>;
}

const PATIENCE = 120_000;
const LATE = new Error('no answer in time');

/** `find` is asked before every call: the embedded controller may come back under another port. */
export function openClient(find: () => Promise<Endpoint>): Client {
  const call: Client['call'] = async (method, path, options = {}) => {
    const endpoint = await find();
    const asked = `${method} ${endpoint.url}${path}`;
    const response = await send(endpoint, method, path, options);
    if (response.status >= 400) throw problemError(response.status, await content(response), asked);
    return response;
  };
  const get: Client['get'] = async (path, query) => json(await call('GET', path, { query }));
  return {
    call,
    get,
    async getTagged(path) {
      const response = await call('GET', path);
      return { etag: response.headers.get('etag') ?? undefined, value: await json(response) };
    },
    getText: async (path) => textOf(await call('GET', path)),
    async list<T>(path: string, query: Query = {}) {
      const items: T[] = [];
      let cursor: string | undefined;
      do {
        const page = await get<Page<T>>(path, { limit: 1000, ...query, cursor });
        items.push(...page.items);
        cursor = page.nextCursor ?? undefined;
      } while (cursor !== undefined);
      return items;
    },
    async post(path, body, options = {}) {
      const headers = { 'idempotency-key': randomUUID(), ...options.headers };
      return json(await call('POST', path, { ...options, body, headers }));
    },
    delete: async (path) => json(await call('DELETE', path)),
  };
}

async function send(
  { url, token }: Endpoint,
  method: string,
  path: string,
  options: CallOptions,
): Promise<Response> {
  const headers = new Headers(options.headers);
  if (token !== undefined) headers.set('authorization', `Bearer ${token}`);
  if (options.body !== undefined && !isRaw(options.body))
    headers.set('content-type', 'application/json');
  const patience = new AbortController();
  // Ended when the headers are there: an event stream then lives as long as it likes.
  const timer = setTimeout(() => patience.abort(LATE), options.timeout ?? PATIENCE);
  try {
    return await fetch(`${url}${path}${queryText(options.query)}`, {
      method,
      headers,
      body: isRaw(options.body) ? options.body : JSON.stringify(options.body),
      signal: options.signal ? AbortSignal.any([options.signal, patience.signal]) : patience.signal,
    });
  } catch (error) {
    throw options.signal?.aborted ? error : noAnswer(url, error);
  } finally {
    clearTimeout(timer);
  }
}

function isRaw(body: unknown): body is string | Uint8Array<ArrayBuffer> | Blob {
  return typeof body === 'string' || body instanceof Uint8Array || body instanceof Blob;
}

function queryText(query: Query = {}): string {
  const words = new URLSearchParams();
  for (const [key, value] of Object.entries(query))
    if (value !== undefined) words.set(key, String(value));
  return words.size > 0 ? `?${words.toString()}` : '';
}

/** An answer that is cut off in its middle is none. */
async function textOf(response: Response): Promise<string> {
  try {
    return await response.text();
  } catch (error) {
    throw noAnswer(new URL(response.url).origin, error);
  }
}

async function json<T>(response: Response): Promise<T> {
  return JSON.parse((await textOf(response)) || 'null') as T;
}

async function content(response: Response): Promise<unknown> {
  const text = await textOf(response);
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** What fetch says is "fetch failed"; the reason is its cause, or one of several. */
export function noAnswer(url: string, error: unknown): GofleetError {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const first = cause instanceof AggregateError ? (cause.errors[0] as unknown) : cause;
  const why = first instanceof Error ? first.message : String(first);
  return new GofleetError('unavailable', `the controller ${url} does not answer: ${why}`, {
    remedy: 'Start it with "gofleet up", or name another one with --url.',
    cause: error,
  });
}
