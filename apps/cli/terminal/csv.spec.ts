import { expect, it } from 'vitest';
import { renderCsv } from './csv.ts';

it('quotes what would be taken for the end of a field or a row', () => {
  const columns = [
    { title: 'NAME', cell: ([name]: string[]) => name ?? '' },
    { title: 'BY', cell: ([, by]: string[]) => by ?? '' },
  ];
  const rows = [
    ['plain', 'a, b'],
    ['say "x"', 'two\nlines'],
  ];
  expect(renderCsv(rows, columns)).toBe('name,by\r\nplain,"a, b"\r\n"say ""x""","two\nlines"');
});
