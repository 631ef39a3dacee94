import { CODES, GofleetError, type ErrorCode, type Fault } from '#errors';

/** Members of a problem document that have a place of their own in the error. */
const OWN = new Set(['type', 'title', 'detail', 'code', 'remedy', 'errors', 'instance']);

/** An answer that is no success, as the error that it tells of. `body` is what it said, parsed where it was JSON. */
export function problemError(status: number, body: unknown, asked: string): GofleetError {
  const problem = isRecord(body) ? body : {};
  const rest = Object.entries(problem).filter(([key]) => !OWN.has(key));
  return new GofleetError(
    codeOf(problem['code'], status),
    string(problem['detail']) ?? `${asked} was answered with status ${status}`,
    {
      remedy: string(problem['remedy']) ?? remedyOf(status),
      errors: faultsOf(problem['errors']),
      details: { ...Object.fromEntries(rest), status },
    },
  );
}

/** For answers without a code that is known here: from a proxy in between, or from a later controller. */
const BY_STATUS: Record<number, ErrorCode> = {
  400: 'invalid_request',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
  409: 'conflict',
  412: 'precondition_failed',
  413: 'too_large',
  415: 'unsupported_media_type',
  501: 'not_implemented',
  502: 'unavailable',
  503: 'unavailable',
  504: 'unavailable',
};

function codeOf(code: unknown, status: number): ErrorCode {
  if (typeof code === 'string' && Object.hasOwn(CODES, code)) return code as ErrorCode;
  return BY_STATUS[status] ?? 'internal';
}

function remedyOf(status: number): string {
  return BY_STATUS[status] === 'unavailable'
    ? 'Try again in a moment; if it stays so, look into the log of the controller.'
    : 'See whether --url names a gofleet controller of this release.';
}

function faultsOf(errors: unknown): Fault[] {
  if (!Array.isArray(errors)) return [];
  return errors.filter(isRecord).map(({ path, line, message }) => ({
    path: string(path) ?? '',
    line: typeof line === 'number' ? line : undefined,
    message: string(message) ?? '',
  }));
}

function string(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
