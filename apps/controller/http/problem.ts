import type { Problem } from '#api';
import { CODES, GofleetError, toGofleetError, type ErrorCode } from '#errors';

/** An error as it leaves: RFC 9457, with the details of the error beside the members that every one has. */
export function problemOf(error: unknown): Problem {
  const fault = errorOf(error);
  const { http: status, title } = CODES[fault.code];
  return {
    ...fault.details,
    type: `urn:gofleet:error:${shownCode(fault.code)}`,
    title,
    status,
    code: shownCode(fault.code),
    detail: detailOf(fault),
    remedy: fault.remedy,
    errors: fault.errors,
  };
}

/** What Fastify and Nest throw by themselves becomes one of our codes; their messages name no secret. */
export function errorOf(error: unknown): GofleetError {
  if (error instanceof GofleetError) return error;
  const status = statusOf(error);
  const known = status === undefined ? undefined : FOREIGN[status];
  if (!known || !status) return toGofleetError(error);
  return new GofleetError(known.code, known.message, {
    remedy: known.remedy,
    cause: error,
  });
}

const READ_THE_DOCUMENT = 'Compare the request with /v1/openapi.json.';

/** By HTTP status: what a framework means with it. */
const FOREIGN: Record<number, { code: ErrorCode; message: string; remedy: string }> = {
  400: { code: 'invalid_request', message: 'the request is malformed', remedy: READ_THE_DOCUMENT },
  404: {
    code: 'not_found',
    message: 'there is nothing at this address',
    remedy: READ_THE_DOCUMENT,
  },
  405: { code: 'not_found', message: 'this method is not known here', remedy: READ_THE_DOCUMENT },
  408: {
    code: 'invalid_request',
    message: 'the request did not arrive in time',
    remedy: 'Send it again.',
  },
  413: {
    code: 'too_large',
    message: 'the body is larger than allowed',
    remedy: 'Send less at once; plans may have 5 MB.',
  },
  414: {
    code: 'invalid_request',
    message: 'the address is too long',
    remedy: READ_THE_DOCUMENT,
  },
  415: {
    code: 'unsupported_media_type',
    message: 'the content type of the body is not understood here',
    remedy: 'Send application/yaml or application/json; blobs as application/offset+octet-stream.',
  },
  503: { code: 'unavailable', message: 'the controller is stopping', remedy: 'Try again soon.' },
};

function statusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  if ('getStatus' in error && typeof error.getStatus === 'function')
    return Number(error.getStatus());
  return 'statusCode' in error ? Number(error.statusCode) : undefined;
}

/** People meet one code, whether a key, a verb or a route is of a later release. */
function shownCode(code: ErrorCode): ErrorCode {
  return code === 'not_implemented' ? 'not_supported_yet' : code;
}

/** The message of a fault of our own is for the log: it may hold anything. */
function detailOf(fault: GofleetError): string {
  return fault.code === 'internal' ? 'something went wrong inside the controller' : fault.message;
}
