import { describe, expect, it } from 'vitest';
import { compareGo, parseGoWork } from '#gomod';

describe('a go.work', () => {
  it('names its modules, its Go and what it replaces', () => {
    const text =
      'go 1.21.5\n\ntoolchain go1.22.0\n\nuse (\n\t./api // first\n\t"./lib"\n)\nuse .\n\ngodebug x=1\nreplace a => ./b\n';
    expect(parseGoWork(text)).toMatchObject({
      go: '1.21.5',
      toolchain: 'go1.22.0',
      use: [
        { folder: './api', line: 6 },
        { folder: './lib', line: 7 },
        { folder: '.', line: 9 },
      ],
      replace: [{ old: { path: 'a' }, new: { path: './b', version: undefined }, line: 12 }],
    });
  });

  it.each([
    ['go 1.21\nmodule x\n', /go.work line 2: unknown directive "module"/],
    ['use ./a ./b\n', /go.work line 1: use is not understood here/],
    ['use (\n', /never ends/],
  ])('%j is refused', (text, message) => {
    expect(() => parseGoWork(text)).toThrow(message);
  });
});

it('Go versions stand in their order, with the language version before its releases since 1.21', () => {
  const order = [
    '1.4',
    '1.20rc1',
    '1.20',
    '1.21',
    '1.21rc2',
    '1.21.0',
    '1.21.5',
    '1.21.13',
    '1.22',
  ];
  expect(order.toReversed().sort(compareGo)).toEqual(order);
  expect(compareGo('go1.21.5', '1.21.5')).toBe(0);
  expect(compareGo('1.20', '1.20.0')).toBe(0);
});
