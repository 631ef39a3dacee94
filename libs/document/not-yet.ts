import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';

/** Marks a zod issue as "known, but of a later release", so that it becomes `not_supported_yet`: the `params` of a refinement. */
export const NOT_YET = { notYet: true } as const;

/** A key that is known and must be absent in this release. */
export function notYet(): z.ZodType<undefined> {
  const absent = z.unknown().refine((value) => value === undefined, {
    params: NOT_YET,
    error: 'is known but not supported by this release; leave it out',
  });
  return absent.optional();
}

/** A key that is accepted with its default value (or absent); any other value is `not_supported_yet`. */
export function supportedOnly<T>(
  schema: z.ZodType<T>,
  defaultValue: T,
): z.ZodDefault<z.ZodType<T>> {
  const only = schema.refine((value) => isDeepStrictEqual(value, defaultValue), {
    params: NOT_YET,
    error: `only ${JSON.stringify(defaultValue)} is supported by this release; leave it out`,
  });
  return only.default(defaultValue as z.util.NoUndefined<T>);
}
