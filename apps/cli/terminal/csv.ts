import type { Column } from './table.ts';

/** Rows under a line of titles, as RFC 4180 has it: spreadsheets and scripts read it. */
export function renderCsv<T>(rows: readonly T[], columns: readonly Column<T>[]): string {
  const lines = [
    columns.map((column) => column.title.toLowerCase()),
    ...rows.map((row) => columns.map((column) => column.cell(row))),
  ];
  return lines.map((line) => line.map(field).join(',')).join('\r\n');
}

function field(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
