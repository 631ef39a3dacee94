import { expect, it } from 'vitest';
import { seal, unseal } from './seal.ts';

it('is read again with the same secret alone', () => {
  const sealed = seal('{"secret":"gofleet_x"}', 'mine');
  expect(sealed).not.toContain('gofleet_x');
  expect(seal('{"secret":"gofleet_x"}', 'mine')).not.toBe(sealed);
  expect(unseal(sealed, 'mine')).toBe('{"secret":"gofleet_x"}');
  expect(() => unseal(sealed, 'yours')).toThrow();
});
