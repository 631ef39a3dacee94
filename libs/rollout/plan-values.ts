import { isDeepStrictEqual } from 'node:util';
import { parseDuration, parseQuantity } from '#units';
import { z } from 'zod';

const LONGEST = 366 * 24 * 3_600_000;

/** `30s`, `5m`, `2h`, `1h30m` -> milliseconds, at most 366 days. */
export const Duration = z.union([z.string(), z.number()]).transform((written, context) => {
  const duration = typeof written === 'string' ? parseDuration(written.trim()) : undefined;
  if (duration !== undefined && duration <= LONGEST) return duration;
  context.issues.push({
    code: 'custom',
    input: written,
    message:
      duration === undefined
        ? `expected a duration such as 30s, 5m or 2h, found ${JSON.stringify(written)}`
        : 'is longer than 366 days',
  });
  return z.NEVER;
});

/** `5` or `"5%"`: a number of hosts, or a share with at most two decimals. */
export const HostQuantity = z.union([z.number(), z.string()]).transform((written, context) => {
  const quantity = parseQuantity(typeof written === 'string' ? written.trim() : written);
  if (quantity) return quantity;
  context.issues.push({
    code: 'custom',
    input: written,
    message: `expected a number of hosts such as 5, or a share from "0%" to "100%", found ${JSON.stringify(written)}`,
  });
  return z.NEVER;
});

/** The size of a batch: never nothing. */
export const BatchSize = HostQuantity.refine(
  (quantity) => ('count' in quantity ? quantity.count : quantity.basisPoints) > 0,
  { error: 'must be more than 0' },
);

/** A key of a later release: its default is accepted, everything else is `not_supported_yet`. */
export function only<T>(
  schema: z.ZodType<T>,
  value: T,
  written: string,
): z.ZodDefault<z.ZodType<T>> {
  const supported = schema.refine((found) => isDeepStrictEqual(found, value), {
    params: { notYet: true },
    error: `only ${written} is supported by this release; leave it out`,
  });
  return supported.default(value as z.util.NoUndefined<T>);
}
