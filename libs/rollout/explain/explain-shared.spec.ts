import { describe, expect, it } from 'vitest';
import { explainShared, sharedTraits, type SharedTrait } from './explain-shared.ts';

type Row = [having: number, of: number, othersHaving: number, others: number];

function found([having, of, othersHaving, others]: Row, trait = 'rack', value = 'r7'): SharedTrait {
  return { trait, value, failing: { having, of }, others: { having: othersHaving, of: others } };
}

describe('a trait is told where it says something of the failing hosts', () => {
  it.each<[string, Row, boolean]>([
    ['all of them have it and nobody else', [9, 9, 0, 200], true],
    ['all of them have it and few others', [9, 9, 4, 200], true],
    ['nearly all of them have it', [8, 9, 4, 200], true],
    ['half of them have it', [5, 9, 0, 200], false],
    ['everybody has it', [9, 9, 200, 200], false],
    ['most others have it', [9, 9, 120, 200], false],
    ['a single host failed', [1, 1, 0, 200], false],
    ['there are no others to compare with', [9, 9, 0, 0], false],
    ['two of two, against few', [2, 2, 0, 3], true],
  ])('%s', (_, row, told) => {
    expect(sharedTraits([found(row)])).toHaveLength(told ? 1 : 0);
  });
});

it('tells the best first, and no more than a few', () => {
  const traits = [
    found([9, 9, 20, 200], 'kernel', '5.4'),
    found([9, 9, 0, 200], 'rack', 'r7'),
    found([8, 9, 0, 200], 'site', 'b'),
    found([9, 9, 0, 200], 'pdu', '4'),
  ];
  const names = (most?: number) => sharedTraits(traits, most).map(({ trait }) => trait);
  expect(names()).toEqual(['pdu', 'rack', 'kernel', 'site']);
  expect(names(2)).toEqual(['pdu', 'rack']);
});

describe('says it in a sentence with counts', () => {
  it.each<[Row, string]>([
    [[9, 9, 4, 200], 'all 9 failing hosts have rack=r7; 2 % of the others do (4 of 200)'],
    [[8, 9, 0, 200], '8 of 9 failing hosts have rack=r7; none of the 200 others does'],
    [[9, 9, 1, 10_000], 'all 9 failing hosts have rack=r7; 1 % of the others do (1 of 10000)'],
  ])('%j', (row, words) => {
    expect(explainShared(found(row))).toBe(words);
  });
});
