import { readFileSync } from 'node:fs';
import { parseBytes } from '#units';
import { InvalidArgumentError } from 'commander';

/** A number of the command line, from 0. */
export function wholeNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}

/** `4G`, `700MB`, `4GiB` */
export function byteCount(text: string): number {
  const bytes = parseBytes(text);
  if (bytes === undefined) throw new InvalidArgumentError('It must be a size such as 4G or 700MB.');
  return bytes;
}

/** `5` hosts, or a share: `25%`. */
export function quantity(text: string): number | string {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  if (/^\d{1,3}(?:\.\d{1,2})?%$/.test(text)) return text;
  throw new InvalidArgumentError('It must be a number such as 5, or a share such as 25%.');
}

/** The name of an inventory of the controller, or with `@` the text of a file. */
export function inventoryOf(text: string): string {
  if (!text.startsWith('@')) return text;
  try {
    return `${readFileSync(text.slice(1), 'utf8').trimEnd()}\n`;
  } catch {
    throw new InvalidArgumentError(`The file ${text.slice(1)} cannot be read.`);
  }
}

/** `a,b` or the option given twice. */
export function names(text: string, before: string[] | undefined): string[] {
  const found = text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  if (found.length === 0)
    throw new InvalidArgumentError('It must be a name, or several with commas.');
  return [...(before ?? []), ...found];
}

/** `1 host`, `2 hosts` */
export function counted(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? '' : 's'}`;
}
