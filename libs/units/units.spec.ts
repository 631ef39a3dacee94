import { describe, expect, it } from 'vitest';
import { formatBytes, formatDuration, parseDuration, parseQuantity, quantityOf } from '#units';

describe('durations', () => {
  it.each([
    ['30s', 30_000],
    ['5m', 300_000],
    ['1h30m', 5_400_000],
    ['250ms', 250],
    ['0s', 0],
  ])('%s is %d ms and is written so again', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
    expect(formatDuration(ms)).toBe(text);
  });

  it.each(['', '5', 's', '5 m', '-5s', '5.5s', '5x'])('%j is no duration', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });
});

describe('quantities', () => {
  it.each([
    [5, 100, 5],
    ['5%', 100, 5],
    ['5%', 10, 0],
    ['12.5%', 8, 1],
    ['29%', 100, 29],
    ['100%', 7, 7],
  ] as const)('%s of %d hosts is %d', (value, total, hosts) => {
    const quantity = parseQuantity(value);
    expect(quantity && quantityOf(quantity, total)).toBe(hosts);
  });

  it.each([-1, 1.5, '101%', '5', '%', '5.123%'])('%j is no quantity', (value) => {
    expect(parseQuantity(value)).toBeUndefined();
  });
});

it('writes bytes for people', () => {
  expect([0, 999, 70_344_719].map(formatBytes)).toEqual(['0 B', '999 B', '70.3 MB']);
});
