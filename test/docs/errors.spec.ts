import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { errorReference } from '../../scripts/error-reference.ts';

it('docs/errors.md is what the table of codes says', () => {
  expect(readFileSync('docs/errors.md', 'utf8')).toBe(errorReference());
});
