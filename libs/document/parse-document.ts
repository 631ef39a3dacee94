import { GofleetError, type Fault } from '#errors';
import type { z } from 'zod';
import { describeIssue } from './describe-issue.ts';
import { flattenIssues } from './flatten-issues.ts';
import { formatPath } from './path.ts';
import { readText } from './read-text.ts';
import type { DocumentOptions, Located } from './text.ts';

const MOST_FAULTS = 100;

/**
 * Reads YAML 1.2 or JSON and checks it against a schema. Throws `invalid_file`, or `not_supported_yet` where
 * nothing else is wrong, with path and line of every fault. Rules that span keys belong into the schema as
 * `superRefine` with a `path`, so that they get lines too.
 */
export function parseDocument<T>(text: string, schema: z.ZodType<T>, options: DocumentOptions): T {
  return check(readText(text, options), schema, options.name);
}

/** The same check for a value that came from elsewhere; its faults have a path and no line. */
export function checkValue<T>(value: unknown, schema: z.ZodType<T>, options: DocumentOptions): T {
  return check({ value, lineOf: () => undefined }, schema, options.name);
}

function check<T>(document: Located, schema: z.ZodType<T>, name: string): T {
  const result = schema.safeParse(document.value);
  if (result.success) return result.data;
  const found = flattenIssues(result.error.issues, document.value, schema).map((issue) => ({
    notYet: issue.notYet,
    fault: {
      path: formatPath(issue.path),
      line: document.lineOf(issue.path, issue.at),
      message: describeIssue(issue, document.value, schema),
    },
  }));
  const later = found.every((each) => each.notYet);
  throw invalid(name, found.map((each) => each.fault).slice(0, MOST_FAULTS), later);
}

function invalid(name: string, faults: Fault[], later: boolean): GofleetError {
  const [first] = faults;
  const where = first?.line === undefined ? name : `${name} line ${first.line}`;
  const path = first?.path ? `${first.path}: ` : '';
  const more = faults.length > 1 ? ` (and ${faults.length - 1} more)` : '';
  return new GofleetError(
    later ? 'not_supported_yet' : 'invalid_file',
    `${where}: ${path}${first?.message ?? 'is not valid'}${more}`,
    {
      remedy: later
        ? 'Leave these keys out, or use a release that supports them.'
        : 'Correct the places that are named and try again.',
      errors: faults,
    },
  );
}
