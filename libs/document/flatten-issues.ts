import type { z } from 'zod';
import { NOT_YET } from './not-yet.ts';
import { formatPath, type Path } from './path.ts';

type Issue = z.core.$ZodIssue;

/** One fault at one place, before it is put in words. */
export interface FlatIssue {
  path: Path;
  issue: Issue;
  /** Whether the fault lies in the key or in its value. */
  at: 'key' | 'value';
  notYet: boolean;
}

/** Unfolds alternatives to the one that was most probably meant, and unknown keys to one fault each. */
export function flattenIssues(
  issues: readonly Issue[],
  value: unknown,
  schema: z.ZodType,
  base: Path = [],
): FlatIssue[] {
  const flat = issues.flatMap((issue) => flatten(issue, value, schema, base));
  const seen = new Set<string>();
  return flat.filter((each) => {
    const key = `${formatPath(each.path)}\n${each.issue.code}\n${each.issue.message}`;
    return seen.has(key) ? false : seen.add(key);
  });
}

function flatten(issue: Issue, value: unknown, schema: z.ZodType, base: Path): FlatIssue[] {
  const path = [...base, ...issue.path];
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({ path: [...path, key], issue, at: 'key', notYet: false }));
  if (issue.code === 'invalid_key') return [{ path, issue, at: 'key', notYet: false }];
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    const meant = closest(issue.errors);
    if (meant) return flattenIssues(meant, value, schema, path);
  }
  const notYet = issue.code === 'custom' && issue.params?.['notYet'] === NOT_YET.notYet;
  return [{ path, issue, at: 'value', notYet }];
}

/** The alternative that accepts the kind of value found and has the fewest faults; none if no kind fits. */
function closest(branches: Issue[][]): Issue[] | undefined {
  const fitting = branches.filter((branch) => !branch.some(isWrongKind));
  const [best] = fitting.sort((a, b) => a.length - b.length);
  return best;
}

function isWrongKind(issue: Issue): boolean {
  return (
    issue.path.length === 0 && (issue.code === 'invalid_type' || issue.code === 'invalid_value')
  );
}
