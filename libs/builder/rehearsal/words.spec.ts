import { describe, expect, it } from 'vitest';
import { isUnreachable, telling } from './words.ts';

describe('the line that tells most of what go said', () => {
  const cases: [string, string, string][] = [
    [
      'a compiler, by file and line, whatever it printed first',
      '# example.com/p/z\nz/z.go:9:2: late\n# example.com/p\n./b.go:10:5: undefined: y\n./b.go:9:5: undefined: x\n',
      './b.go:9:5: undefined: x',
    ],
    ['vet without its name', '# p\nvet: ./p.go:3:1: bad\n', './p.go:3:1: bad'],
    [
      'not a download',
      'go: downloading m v1.0.0\ngo: m@v1.0.0: not found\n',
      'go: m@v1.0.0: not found',
    ],
    [
      'a chain of imports, to its end',
      'go: finding module for package m\ngo: example.com/a imports\n\texample.com/b tested by\n\texample.com/b.test imports\n\tm: not found\n',
      'go: example.com/a imports example.com/b tested by example.com/b.test imports m: not found',
    ],
    ['nothing', '\n', 'go said nothing'],
  ];
  it.each(cases)('is of %s', (_, said, line) => {
    expect(telling(said)).toBe(line);
  });

  it('is not endless', () => {
    expect(telling('x'.repeat(1000))).toHaveLength(300);
  });
});

it.each([
  [true, 'Get "https://proxy.example/m": dial tcp: lookup proxy.example: no such host'],
  [true, 'module lookup disabled by GOPROXY=off'],
  [false, 'example.com/m@v1.0.0: reading file:///pack/m/@v/v1.0.0.zip: no such file or directory'],
  [false, './main.go:3:2: undefined: connect'],
])('a network that does not answer: %s for %s', (expected, said) => {
  expect(isUnreachable(said)).toBe(expected);
});
