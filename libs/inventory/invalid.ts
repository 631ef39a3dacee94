import { GofleetError, type ErrorCode } from '#errors';
import type { Position } from './types.ts';

/** `hosts.yml:12`, or the file alone when the line is not known. */
export function at(position: Position): string {
  return position.line === undefined ? position.file : `${position.file}:${position.line}`;
}

/** An error that names the file and line. */
export function fault(
  code: ErrorCode,
  position: Position,
  message: string,
  remedy: string,
): GofleetError {
  return new GofleetError(code, `${at(position)}: ${message}`, {
    remedy,
    errors: [{ path: position.file, line: position.line, message }],
  });
}

/** `invalid_file` at a position. */
export function invalid(position: Position, message: string, remedy: string): GofleetError {
  return fault('invalid_file', position, message, remedy);
}
