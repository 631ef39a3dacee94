import { stripVTControlCharacters } from 'node:util';

export interface Column<T> {
  title: string;
  cell: (row: T) => string;
  align?: 'left' | 'right';
}

const GAP = '  ';

/** Rows under a line of titles, each column as wide as its widest cell; colours do not count. */
export function renderTable<T>(rows: readonly T[], columns: readonly Column<T>[]): string {
  const lines = [
    columns.map((column) => column.title),
    ...rows.map((row) => columns.map((column) => column.cell(row))),
  ];
  const widths = columns.map((_, index) => Math.max(...lines.map((line) => width(line[index]))));
  return lines
    .map((line) =>
      line
        .map((cell, index) => pad(cell, widths[index] ?? 0, columns[index]?.align ?? 'left'))
        .join(GAP)
        .trimEnd(),
    )
    .join('\n');
}

function pad(cell: string, wanted: number, align: 'left' | 'right'): string {
  const space = ' '.repeat(Math.max(0, wanted - width(cell)));
  return align === 'left' ? cell + space : space + cell;
}

function width(cell: string | undefined): number {
  return stripVTControlCharacters(cell ?? '').length;
}
