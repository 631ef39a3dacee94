import { expect, it } from 'vitest';
import { offsetOf, rangeOf } from './ranges.ts';

it.each([
  ['bytes=0-4', { start: 0, end: 4 }],
  ['bytes=5-', { start: 5, end: 9 }],
  ['bytes=-3', { start: 7, end: 9 }],
  ['bytes=-30', { start: 0, end: 9 }],
  ['bytes=2-100', { start: 2, end: 9 }],
  ['bytes=9-9', { start: 9, end: 9 }],
  ['bytes=0-1,3-4', undefined],
  ['bytes=-', undefined],
  ['lines=1-2', undefined],
  [undefined, undefined],
])('of 10 bytes, %s', (header, range) => {
  expect(rangeOf(header, 10)).toEqual(range);
});

it.each(['bytes=10-', 'bytes=5-4', 'bytes=-0'])('of 10 bytes, %s is none', (header) => {
  expect(() => rangeOf(header, 10)).toThrow(
    expect.objectContaining({ code: 'range_not_satisfiable' }),
  );
});

it('reads Upload-Offset', () => {
  expect(offsetOf('0')).toBe(0);
  expect(offsetOf('123')).toBe(123);
  for (const wrong of [undefined, '', '-1', '1.5', 'x', '1'.repeat(16)])
    expect(() => offsetOf(wrong)).toThrow(expect.objectContaining({ code: 'invalid_request' }));
});
