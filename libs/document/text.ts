import { GofleetError } from '#errors';
import type { Path } from './path.ts';

export interface DocumentOptions {
  /** What the document is called in messages: a file name or `plan`. */
  name: string;
  /** YAML 1.2 unless said otherwise. */
  format?: 'yaml' | 'json';
  /** Bytes that it may have; 5 MB unless said otherwise. */
  mostBytes?: number | undefined;
}

/** A value that knows on which line each of its parts stands. */
export interface Located {
  value: unknown;
  lineOf(path: Path, at: 'key' | 'value'): number | undefined;
}

export const LIMITS = { bytes: 5_000_000, depth: 50, aliases: 20 };

export const TOO_DEEP = `is nested deeper than ${LIMITS.depth} levels`;

/** The text is not YAML or JSON at all. */
export function unreadable(name: string, line: number | undefined, message: string): GofleetError {
  return new GofleetError(
    'invalid_file',
    `${name}${line === undefined ? '' : ` line ${line}`}: ${message}`,
    { remedy: 'Correct the place that is named.', errors: [{ path: '', line, message }] },
  );
}
