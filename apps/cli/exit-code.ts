import { CODES, type GofleetError } from '#errors';

/**
 * 0 done (a rollout: succeeded), 1 any other end, a trip, a 409, or a check found something, 2 wrong use or an
 * invalid file, 3 controller or host unreachable, 4 not allowed.
 */
export type ExitCode = 0 | 1 | 2 | 3 | 4;

export function exitCodeOf(error: GofleetError): ExitCode {
  return CODES[error.code].exit;
}
