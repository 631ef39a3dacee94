import { assert, constantFrom, integer, property, tuple } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BadRange, expandRange } from './range.ts';

describe('host ranges', () => {
  it.each([
    ['web', ['web']],
    ['web[1:3]', ['web1', 'web2', 'web3']],
    ['web[01:05:2].example.com', ['web01.example.com', 'web03.example.com', 'web05.example.com']],
    ['[a:c]', ['a', 'b', 'c']],
    ['x[A:E:2]', ['xA', 'xC', 'xE']],
    ['x[y:B]', ['xy', 'xz', 'xA', 'xB']],
    ['[:2]', ['0', '1', '2']],
    ['[08:11]', ['08', '09', '10', '11']],
    ['r[1:2]n[a:b]', ['r1na', 'r1nb', 'r2na', 'r2nb']],
    ['[5:3]', []],
    ['[1:1]', ['1']],
  ])('%s', (pattern, hosts) => {
    expect(expandRange(pattern)).toEqual(hosts);
  });

  it.each([
    ['web[1]', 'must be [begin:end]'],
    ['web[1:2:3:4]', 'must be [begin:end]'],
    ['web[1:]', 'no end'],
    ['web[1:3:0]', 'step'],
    ['web[1:3:x]', 'step'],
    ['web[1:c]', 'two numbers or two letters'],
    ['web[c:a]', 'ends before'],
    ['web[01:100]', 'same length'],
    ['web[1:3', 'not closed'],
    ['web[0:999999999]', 'more than'],
    ['[0:999][0:999]', 'more than'],
  ])('%s is refused', (pattern, reason) => {
    expect(() => expandRange(pattern)).toThrow(BadRange);
    expect(() => expandRange(pattern)).toThrow(reason);
  });

  it('counts like a loop, each name once, in order, with the width of the begin', () => {
    const bounds = tuple(integer({ min: 0, max: 300 }), integer({ min: 0, max: 60 }));
    const form = tuple(integer({ min: 1, max: 9 }), integer({ min: 0, max: 4 }));
    assert(
      property(
        bounds,
        form,
        constantFrom('', '.example.com'),
        ([first, length], [step, width], tail) => {
          const write = (n: number): string => String(n).padStart(width, '0');
          const [from, to] = [write(first), write(first + length)];
          if (from.startsWith('0') && from.length > 1 && from.length !== to.length) return;
          const wanted: string[] = [];
          for (let n = first; n <= first + length; n += step) {
            wanted.push(`web${from.startsWith('0') && from.length > 1 ? write(n) : n}${tail}`);
          }
          expect(expandRange(`web[${from}:${to}:${step}]${tail}`)).toEqual(wanted);
          expect(new Set(wanted).size).toBe(wanted.length);
        },
      ),
    );
  });
});
