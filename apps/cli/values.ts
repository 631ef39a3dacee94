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
