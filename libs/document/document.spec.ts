import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { checkValue, notYet, parseDocument, supportedOnly } from '#document';
import { GofleetError, type Fault } from '#errors';

const Batch = z.union([
  z.strictObject({ size: z.union([z.int(), z.string()]), maxFailures: z.int().optional() }),
  z.strictObject({ hosts: z.string(), maxFailures: z.int().optional() }),
]);
const Plan = z.strictObject({
  kind: z.literal('Plan'),
  version: z.string().optional(),
  order: z.enum(['inventory', 'shuffled', 'spread']).default('inventory'),
  bake: supportedOnly(z.string(), '0s'),
  windows: notYet(),
  strategy: z
    .strictObject({ batches: z.array(Batch).min(1), strict: supportedOnly(z.boolean(), false) })
    .optional(),
  labels: z.record(z.string(), z.string()).optional(),
});

function fault(text: string, format: 'yaml' | 'json' = 'yaml'): GofleetError {
  try {
    parseDocument(text, Plan, { name: 'plan.yaml', format });
  } catch (error) {
    if (error instanceof GofleetError) return error;
    throw error;
  }
  throw new Error('no fault found');
}

const batch = (line: string): string =>
  `kind: Plan\nstrategy:\n  batches:\n    - size: 5\n      ${line}\n`;

const CASES: [string, string, Fault[]][] = [
  [
    'unknown key',
    batch('maxFailure: 1'),
    [
      {
        path: 'strategy.batches[0].maxFailure',
        line: 5,
        message: 'unknown key `maxFailure`; nearest known: `maxFailures`',
      },
    ],
  ],
  [
    'missing key',
    'version: "1"\n',
    [{ path: 'kind', line: 1, message: 'is missing; it must be Plan' }],
  ],
  [
    'wrong kind',
    'kind: Plan\nversion: 1.20\n',
    [
      {
        path: 'version',
        line: 2,
        message: 'expected a string, found the number 1.2; put it in quotes',
      },
    ],
  ],
  [
    'near word',
    'kind: Plan\n\n# here\norder: spred\n',
    [
      {
        path: 'order',
        line: 4,
        message: 'must be one of inventory, shuffled, spread; found "spred", nearest: spread',
      },
    ],
  ],
  [
    'alternatives',
    'kind: Plan\nstrategy:\n  batches:\n    - size: [1]\n',
    [
      {
        path: 'strategy.batches[0].size',
        line: 4,
        message: 'expected a number or a string, found a list',
      },
    ],
  ],
  [
    'two faults at once',
    'kind: Plan\nlabels: { a: 1, b: 2 }\n',
    [
      {
        path: 'labels.a',
        line: 2,
        message: 'expected a string, found the number 1; put it in quotes',
      },
      {
        path: 'labels.b',
        line: 2,
        message: 'expected a string, found the number 2; put it in quotes',
      },
    ],
  ],
];

describe('faults', () => {
  it.each(CASES)('%s', (_, text, errors) => {
    const error = fault(text);
    expect(error.code).toBe('invalid_file');
    expect(error.errors).toEqual(errors);
  });

  it('names the first in the message', () => {
    expect(fault(batch('maxFailure: 1')).message).toBe(
      'plan.yaml line 5: strategy.batches[0].maxFailure: unknown key `maxFailure`; nearest known: `maxFailures`',
    );
  });

  it('finds lines in JSON too', () => {
    expect(fault('{\n  "kind": "Plan",\n  "odrer": "spread"\n}', 'json').errors).toEqual([
      { path: 'odrer', line: 3, message: 'unknown key `odrer`; nearest known: `order`' },
    ]);
  });
});

describe('what a later release supports', () => {
  it('is accepted with its default', () => {
    const plan = parseDocument('kind: Plan\nbake: 0s\n', Plan, { name: 'p' });
    expect(plan).toEqual({ kind: 'Plan', order: 'inventory', bake: '0s' });
  });

  it.each([
    ['kind: Plan\nbake: 5m\n', 'bake', 2],
    ['kind: Plan\nwindows: []\n', 'windows', 2],
    ['kind: Plan\nstrategy:\n  batches: [{ size: 1 }]\n  strict: true\n', 'strategy.strict', 4],
  ])('is not_supported_yet with any other value: %j', (text, path, line) => {
    const error = fault(text);
    expect(error.code).toBe('not_supported_yet');
    expect(error.errors).toMatchObject([{ path, line }]);
  });

  it('is invalid_file where something else is wrong besides', () => {
    expect(fault('kind: Plan\nbake: 5m\nx: 1\n').code).toBe('invalid_file');
  });
});

describe('text that is not read', () => {
  const deep = (levels: number): string => `${'['.repeat(levels)}${']'.repeat(levels)}`;
  it.each([
    ['bad syntax', 'kind: Plan\norder: [1,\n', 3, /flow|\]/i],
    ['duplicate keys', 'kind: Plan\nkind: Plan\n', 2, /unique/i],
    ['two documents', 'kind: Plan\n---\nkind: Plan\n', 2, /more than one document/],
    ['unknown tag', 'kind: !vault Plan\n', 1, /tag/i],
    ['too deep', `kind: ${deep(51)}\n`, 1, /deeper than 50/],
    ['far too deep', `kind: ${'['.repeat(1_000_000)}\n`, 1, /deeper than 50/],
    ['many aliases', `a: &a 1\nb: [${'*a, '.repeat(21)}]\n`, 2, /20 aliases/],
  ])('%s', (_, text, line, message) => {
    const error = fault(text);
    expect(error.code).toBe('invalid_file');
    expect(error.errors).toMatchObject([{ line }]);
    expect(error.message).toMatch(message);
  });

  it('refuses aliases that multiply', () => {
    const bomb = ['a: &a [x, x, x, x, x, x, x, x, x]'];
    for (const [from, to] of ['ab', 'bc', 'cd', 'de'].map((pair) => pair.split('')))
      bomb.push(`${to}: &${to} [*${from}, *${from}, *${from}, *${from}]`);
    expect(fault(`${bomb.join('\n')}\n`).message).toMatch(/alias/i);
  });

  it('takes 49 levels below a key and refuses JSON that is deeper', () => {
    const open = z.unknown();
    expect(parseDocument(`a: ${deep(49)}`, open, { name: 'x' })).toBeDefined();
    expect(() => parseDocument(deep(51), open, { name: 'x', format: 'json' })).toThrow(/deeper/);
    expect(() =>
      parseDocument('{\n "a": "a long enough secret",\n "b": }', open, {
        name: 'x',
        format: 'json',
      }),
    ).toThrow(/^x: is not valid JSON: Unexpected token '}'$/);
    expect(() => parseDocument(`a: ${'x'.repeat(5_000_000)}`, open, { name: 'x' })).toThrow(/5 MB/);
    const large = { name: 'x', format: 'json', mostBytes: 6_000_000 } as const;
    expect(parseDocument(JSON.stringify('x'.repeat(5_000_000)), open, large)).toHaveLength(
      5_000_000,
    );
    expect(() => parseDocument(`"${'x'.repeat(6_000_000)}"`, open, large)).toThrow(/6 MB/);
  });

  it('reads YAML 1.2: no yes, no dates, no merge', () => {
    const text = 'a: yes\nb: 2026-12-01T01:00:00Z\nc: 010\nd: { "<<": 1 }\n';
    const value = { a: 'yes', b: '2026-12-01T01:00:00Z', c: 10, d: { '<<': 1 } };
    expect(parseDocument(text, z.unknown(), { name: 'x' })).toEqual(value);
  });
});

it('checks a value that has no text', () => {
  expect(() => checkValue({ kind: 'Plan', x: 1 }, Plan, { name: 'plan' })).toThrow(
    'plan: x: unknown key',
  );
});
