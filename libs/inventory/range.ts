const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
/** More hosts than any fleet has: a range beyond it is a slip. */
const MAX_HOSTS = 200_000;

/** Why a range cannot be read, as a sentence without its place. */
export class BadRange extends Error {}

/** Expands every `[01:50:2]` and `[a:f]` of a host name, the first varying slowest. Throws `BadRange`. */
export function expandRange(pattern: string): string[] {
  const open = pattern.indexOf('[');
  if (open < 0) return [pattern];
  const close = pattern.indexOf(']');
  if (close < open) throw new BadRange(`the bracket in ${pattern} is not closed`);
  const head = pattern.slice(0, open);
  const members = membersOf(pattern.slice(open + 1, close));
  const tails = expandRange(pattern.slice(close + 1));
  if (members.length * tails.length > MAX_HOSTS) {
    throw new BadRange(`${pattern} stands for more than ${MAX_HOSTS} hosts`);
  }
  return members.flatMap((member) => tails.map((tail) => `${head}${member}${tail}`));
}

function membersOf(range: string): string[] {
  const [from = '', to = '', step = '1', ...rest] = range.split(':');
  if (!range.includes(':') || rest.length > 0) {
    throw new BadRange(`[${range}] must be [begin:end] or [begin:end:step]`);
  }
  if (to === '') throw new BadRange(`[${range}] has no end`);
  if (!/^[1-9][0-9]*$/.test(step)) throw new BadRange(`the step of [${range}] must be 1 or more`);
  return letters(range, from, to, Number(step)) ?? numbers(range, from || '0', to, Number(step));
}

function letters(range: string, from: string, to: string, step: number): string[] | undefined {
  if (!/^[a-zA-Z]$/.test(from) || !/^[a-zA-Z]$/.test(to)) return undefined;
  const [first, last] = [LETTERS.indexOf(from), LETTERS.indexOf(to)];
  if (first > last) throw new BadRange(`[${range}] ends before it begins`);
  const found = Array.from(LETTERS.slice(first, last + 1));
  return found.filter((_, index) => index % step === 0);
}

function numbers(range: string, from: string, to: string, step: number): string[] {
  if (!/^[0-9]+$/.test(from) || !/^[0-9]+$/.test(to)) {
    throw new BadRange(`[${range}] needs two numbers or two letters`);
  }
  const width = from.length > 1 && from.startsWith('0') ? from.length : 0;
  if (width > 0 && width !== to.length) {
    throw new BadRange(`[${range}] has a leading zero, so begin and end need the same length`);
  }
  const [first, last] = [Number(from), Number(to)];
  if ((last - first) / step > MAX_HOSTS) {
    throw new BadRange(`[${range}] stands for more than ${MAX_HOSTS} hosts`);
  }
  const count = Math.max(0, Math.floor((last - first) / step) + 1);
  return Array.from({ length: count }, (_, index) =>
    String(first + index * step).padStart(width, '0'),
  );
}
