import { CODES, type ErrorCode } from './codes.ts';

/** One fault at one place of what was sent: `path` as in `strategy.batches[0].size`, `line` from 1. */
export interface Fault {
  path: string;
  line?: number | undefined;
  message: string;
}

export interface ErrorOptions {
  /** What a person can do about it, as an imperative sentence. */
  remedy: string;
  /** Overrides the table where this one case differs. */
  retryable?: boolean;
  errors?: Fault[];
  details?: Record<string, unknown>;
  cause?: unknown;
}

/** The one error class: what happened, what to do, and whether the same again may succeed. */
export class GofleetError extends Error {
  readonly code: ErrorCode;
  readonly remedy: string;
  readonly retryable: boolean;
  readonly errors: Fault[];
  readonly details: Record<string, unknown>;

  constructor(code: ErrorCode, message: string, options: ErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'GofleetError';
    this.code = code;
    this.remedy = options.remedy;
    this.retryable = options.retryable ?? CODES[code].retryable;
    this.errors = options.errors ?? [];
    this.details = options.details ?? {};
  }
}

export function isGofleetError(error: unknown, code?: ErrorCode): error is GofleetError {
  return error instanceof GofleetError && (code === undefined || error.code === code);
}

/** What is not ours becomes `internal`, with the original as cause. */
export function toGofleetError(error: unknown): GofleetError {
  if (error instanceof GofleetError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new GofleetError('internal', message, {
    remedy: 'Look into the log of the controller and report it with the lines around this one.',
    cause: error,
  });
}
