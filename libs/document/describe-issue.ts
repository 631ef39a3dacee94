import type { z } from 'zod';
import { knownKeys, nearest } from './known-keys.ts';
import { valueAt } from './path.ts';
import type { FlatIssue } from './flatten-issues.ts';

/** Puts a fault in words: what is there, what should be, and what was probably meant. */
export function describeIssue(flat: FlatIssue, value: unknown, schema: z.ZodType): string {
  const { issue, path } = flat;
  const found = valueAt(value, path);
  // oxlint-disable-next-line typescript/switch-exhaustiveness-check -- the schema's own words fit the rest
  switch (issue.code) {
    case 'unrecognized_keys':
      return unknownKey(String(path.at(-1)), knownKeys(schema, path.slice(0, -1)));
    case 'invalid_type':
      return found === undefined && flat.at === 'value'
        ? `required key \`${String(path.at(-1) ?? '')}\` is missing`
        : wrongType(issue.expected, found);
    case 'invalid_value':
      return wrongValue(issue.values.map(String), found);
    case 'invalid_union':
      return wrongAlternative(issue, path, value);
    default:
      return issue.message;
  }
}

function unknownKey(key: string, known: string[]): string {
  const near = nearest(key, known);
  const hint = near
    ? `nearest known: \`${near}\``
    : `known: ${known.map((k) => `\`${k}\``).join(', ')}`;
  return `unknown key \`${key}\`${known.length > 0 ? `; ${hint}` : ''}`;
}

function wrongType(expected: string, found: unknown): string {
  const quotes = expected === 'string' && ['number', 'boolean'].includes(typeof found);
  return `expected ${kind(expected)}, found ${show(found)}${quotes ? '; put it in quotes' : ''}`;
}

function wrongValue(values: string[], found: unknown): string {
  if (found === undefined) return `is missing; it must be ${values.join(' or ')}`;
  const near = typeof found === 'string' ? nearest(found, values) : undefined;
  const must = values.length === 1 ? `must be ${values[0]}` : `must be one of ${values.join(', ')}`;
  return `${must}; found ${show(found)}${near && values.length > 1 ? `, nearest: ${near}` : ''}`;
}

function wrongAlternative(
  issue: z.core.$ZodIssueInvalidUnion,
  path: FlatIssue['path'],
  value: unknown,
): string {
  const found = valueAt(value, path);
  if (found === undefined) return `required key \`${String(path.at(-1) ?? '')}\` is missing`;
  const kinds = issue.errors
    .flat()
    .filter((each) => each.code === 'invalid_type' && each.path.length === 0);
  const expected = kinds.flatMap((each) => ('expected' in each ? [kind(each.expected)] : []));
  return expected.length > 0
    ? `expected ${[...new Set(expected)].join(' or ')}, found ${show(found)}`
    : `${issue.message}; found ${show(found)}`;
}

const KINDS: Record<string, string> = {
  object: 'a mapping',
  record: 'a mapping',
  array: 'a list',
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  null: 'nothing',
};

function kind(expected: string): string {
  return KINDS[expected] ?? expected;
}

function show(found: unknown): string {
  if (found === null || found === undefined) return 'nothing';
  if (Array.isArray(found)) return 'a list';
  if (typeof found === 'object') return 'a mapping';
  const text = JSON.stringify(found) ?? typeof found;
  return `${typeof found === 'string' ? '' : `the ${typeof found} `}${text.length > 60 ? `${text.slice(0, 57)}…` : text}`;
}
