import { parseDuration, parseQuantity, parseRate } from '#units';
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

/** `200MB/s` -> bytes a second. */
export const Rate = z.string().transform((written, context) => {
  const rate = parseRate(written.trim());
  if (rate !== undefined) return rate;
  context.issues.push({
    code: 'custom',
    input: written,
    message: `expected a rate such as 200MB/s, found ${JSON.stringify(written)}`,
  });
  return z.NEVER;
});

/** A name of the time zone database, such as `Asia/Shanghai` or `UTC`. */
export const Timezone = z.string().refine(isTimezone, {
  error: 'must be a name of the time zone database, such as Asia/Shanghai or UTC',
});

/** Whether the time zone database knows this name. */
export function isTimezone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/** `2026-12-01T01:00:00Z`, also with an offset -> milliseconds since 1970. */
export const InstantText = z.iso
  .datetime({ offset: true, error: 'expected an instant such as 2026-12-01T01:00:00Z' })
  .transform((text) => Date.parse(text));
