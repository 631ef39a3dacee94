import type { ByteRange } from '#conductor';
import { GofleetError } from '#errors';

/** One range of a `Range` header (RFC 9110, 14.1.2); several, or none that fits, mean the whole. */
export function rangeOf(header: string | undefined, size: number): ByteRange | undefined {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '') ?? [];
  if (first === undefined || last === undefined || (first === '' && last === '')) return undefined;
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (start > end) throw unsatisfiable(size);
  return { start, end };
}

/** The header `Upload-Offset`: where the bytes that are sent belong. */
export function offsetOf(header: string | undefined): number {
  const offset = /^\d{1,15}$/.test(header ?? '') ? Number(header) : undefined;
  if (offset !== undefined) return offset;
  throw new GofleetError('invalid_request', 'the header Upload-Offset is missing or no number', {
    remedy: 'Ask for the offset with HEAD and send it with the bytes.',
  });
}

function unsatisfiable(size: number): GofleetError {
  return new GofleetError('range_not_satisfiable', `the blob has ${size} bytes`, {
    remedy: 'Ask for a range that begins within it.',
    details: { size },
  });
}
