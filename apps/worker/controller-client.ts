import {
  Claim,
  Hello,
  Problem,
  ReportAnswer,
  WorkerBundle,
  type ClaimRequest,
  type ReportRequest,
} from '#api';
import { CODES, GofleetError, type ErrorCode } from '#errors';
import type { z } from 'zod';

/** Longer than a controller takes, shorter than a lease. */
const ANSWER_WITHIN = 10_000;
/** Blobs may be large; what counts is that bytes come. */
const FIRST_BYTE_WITHIN = 30_000;
const BUNDLE = { within: FIRST_BYTE_WITHIN };

/** The routes of the controller that a worker's token may use. Throws GofleetError: `unavailable` without an answer. */
export interface ControllerClient {
  hello(): Promise<Hello>;
  /** Undefined where the host is not to be had (409): paused, leased, superseded. */
  claim(request: ClaimRequest): Promise<Claim | undefined>;
  report(request: ReportRequest): Promise<ReportAnswer>;
  /** The manifest and signature that a claim goes by, while it is held. */
  bundle(digest: string): Promise<WorkerBundle>;
  /** The bytes of a blob from an offset on. */
  blob(sha256: string, offset: number): Promise<AsyncIterable<Uint8Array>>;
}

export function openControllerClient(url: string, token: string): ControllerClient {
  const ask = askOf(url, token);
  return {
    hello: async () => read(await ask('GET', '/v1/worker/hello', {}), Hello),
    claim: async (request) => {
      const answer = await ask('POST', '/v1/worker/claims', { json: request });
      if (answer.status !== 409) return read(answer, Claim);
      await answer.body?.cancel();
      return undefined;
    },
    report: async (request) =>
      read(await ask('POST', '/v1/worker/reports', { json: request }), ReportAnswer),
    bundle: async (digest) =>
      read(await ask('GET', `/v1/worker/bundles/${digest}`, BUNDLE), WorkerBundle),
    blob: async (sha256, offset) => {
      const headers = { range: `bytes=${offset}-` };
      const answer = await ask('GET', `/v1/blobs/${sha256}`, {
        headers,
        within: FIRST_BYTE_WITHIN,
      });
      if (!answer.ok || !answer.body) throw await errorOf(answer);
      return answer.body;
    },
  };
}

interface Asked {
  json?: unknown;
  headers?: Record<string, string>;
  /** Milliseconds until the answer begins. */
  within?: number;
}

type Ask = (method: string, path: string, asked: Asked) => Promise<Response>;

function askOf(url: string, token: string): Ask {
  const base = url.replace(/\/+$/, '');
  return async (method, path, { json, headers = {}, within = ANSWER_WITHIN }) => {
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(new Error('no answer in time')), within);
    try {
      return await fetch(base + path, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(json !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(json !== undefined && { body: JSON.stringify(json) }),
        signal: late.signal,
      });
    } catch (cause) {
      throw unavailable(base, cause);
    } finally {
      clearTimeout(timer);
    }
  };
}

async function read<T>(answer: Response, schema: z.ZodType<T>): Promise<T> {
  if (!answer.ok) throw await errorOf(answer);
  const parsed = schema.safeParse(await answer.json().catch(() => undefined));
  if (parsed.success) return parsed.data;
  throw new GofleetError('upgrade_required', 'the controller answers in a form not known here', {
    remedy: 'Use the same release of gofleet for worker and controller.',
    cause: parsed.error,
  });
}

async function errorOf(answer: Response): Promise<GofleetError> {
  const problem = Problem.safeParse(await answer.json().catch(() => undefined)).data;
  const code = codeOf(problem?.code, answer.status);
  return new GofleetError(code, problem?.detail ?? `the controller answered ${answer.status}`, {
    remedy: problem?.remedy ?? 'Look into the log of the controller.',
    details: { status: answer.status },
    retryable: answer.status >= 500,
  });
}

function codeOf(code: string | undefined, status: number): ErrorCode {
  if (code !== undefined && code in CODES) return code as ErrorCode;
  return status >= 500 ? 'unavailable' : 'invalid_request';
}

function unavailable(url: string, cause: unknown): GofleetError {
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  const why = inner instanceof Error ? inner.message : String(inner);
  return new GofleetError('unavailable', `the controller at ${url} does not answer: ${why}`, {
    remedy: 'Start the controller; the worker goes on by itself.',
    cause,
  });
}
