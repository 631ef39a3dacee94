import { narrow } from './yaml-scalar.ts';

/** Anything that no Python literal begins with is text, without a closer look. */
const MAYBE_LITERAL = /^[ \t]*(?:[-+.\d'"([{]|[rRbBuU]{1,2}['"]|True|False|None|set\()/;
/** Looks like a number at first, and is in every second line of an inventory. */
const ADDRESS = /^\d+\.\d+\.\d+\.\d+$/;
const NUMBER =
  /^(?:0[xX](?:_?[\da-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|(?:(?:\d(?:_?\d)*)?\.\d(?:_?\d)*|\d(?:_?\d)*\.?)(?:[eE][-+]?\d(?:_?\d)*)?)/;
const ESCAPES: Record<string, string> = {
  '\\': '\\',
  "'": "'",
  '"': '"',
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

/** The text is no literal: Ansible then takes it as it stands. */
class NoLiteral extends Error {}

interface Scanner {
  text: string;
  at: number;
  depth: number;
}

/** A value of an INI inventory: a Python literal (`22`, `[1, 2]`, `{'a': None}`), else the text itself. */
export function readLiteral(text: string): unknown {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  if (!MAYBE_LITERAL.test(text) || ADDRESS.test(text)) return text;
  const scanner = { text, at: 0, depth: 0 };
  try {
    const value = readTuple(scanner);
    if (scanner.at < text.length) throw new NoLiteral();
    return value;
  } catch (error) {
    if (error instanceof NoLiteral) return text;
    throw error;
  }
}

/** `1, 2` without brackets is a tuple too. */
function readTuple(scanner: Scanner): unknown {
  const first = readValue(scanner);
  if (!take(scanner, ',')) return first;
  const elements = [first];
  while (scanner.at < scanner.text.length) {
    elements.push(readValue(scanner));
    if (!take(scanner, ',')) break;
  }
  return elements;
}

function readValue(scanner: Scanner): unknown {
  skip(scanner);
  const char = scanner.text.charAt(scanner.at);
  if (char === '(') return readParentheses(scanner);
  if (char === '[') return readBracketed(scanner, '[', ']').elements;
  if (char === '{') return readBraces(scanner);
  if (/['"rRbBuU]/.test(char)) return readStrings(scanner);
  if (/[-+.\d]/.test(char)) return readNumber(scanner);
  return readName(scanner);
}

function readName(scanner: Scanner): unknown {
  const [name = ''] = /^[A-Za-z]*/.exec(scanner.text.slice(scanner.at)) ?? [];
  scanner.at += name.length;
  if (/^[\w.(]/.test(scanner.text.slice(scanner.at))) throw new NoLiteral();
  skip(scanner);
  if (name === 'True') return true;
  if (name === 'False') return false;
  if (name === 'None') return null;
  throw new NoLiteral();
}

function readNumber(scanner: Scanner): unknown {
  const [sign = ''] = /^[-+]?[ \t]*/.exec(scanner.text.slice(scanner.at)) ?? [];
  scanner.at += sign.length;
  const [source] = NUMBER.exec(scanner.text.slice(scanner.at)) ?? [];
  if (source === undefined) throw new NoLiteral();
  scanner.at += source.length;
  if (/^[\w.]/.test(scanner.text.slice(scanner.at))) throw new NoLiteral();
  skip(scanner);
  return toNumber(source.replaceAll('_', ''), sign.startsWith('-'));
}

function toNumber(source: string, negative: boolean): unknown {
  if (/^0[xob]/i.test(source) || /^\d+$/.test(source)) {
    if (/^0\d*[1-9]/.test(source)) throw new NoLiteral();
    return narrow(negative ? -BigInt(source) : BigInt(source));
  }
  return negative ? -Number(source) : Number(source);
}

/** Neighbouring strings are one: `'a' "b"` is `ab`. */
function readStrings(scanner: Scanner): string {
  let value = readString(scanner);
  skip(scanner);
  while (/^(?:[rRbBuU]{0,2})['"]/.test(scanner.text.slice(scanner.at))) {
    value += readString(scanner);
    skip(scanner);
  }
  return value;
}

function readString(scanner: Scanner): string {
  const rest = scanner.text.slice(scanner.at);
  const [opening, prefix = '', quote = ''] =
    /^(u|r|b|br|rb)?('''|"""|'|")/i.exec(rest) ?? ([] as string[]);
  if (opening === undefined) throw new NoLiteral();
  scanner.at += opening.length;
  const raw = /r/i.test(prefix);
  let value = '';
  while (!scanner.text.startsWith(quote, scanner.at)) {
    const char = scanner.text.charAt(scanner.at);
    if (char === '') throw new NoLiteral();
    scanner.at += 1;
    value += char === '\\' ? readEscape(scanner, raw) : char;
  }
  scanner.at += quote.length;
  return value;
}

function readEscape(scanner: Scanner, raw: boolean): string {
  const char = scanner.text.charAt(scanner.at);
  if (char === '') throw new NoLiteral();
  if (raw) {
    scanner.at += 1;
    return `\\${char}`;
  }
  const rest = scanner.text.slice(scanner.at);
  const [octal] = /^[0-7]{1,3}/.exec(rest) ?? [];
  if (octal !== undefined) {
    scanner.at += octal.length;
    return String.fromCodePoint(Number.parseInt(octal, 8));
  }
  if (/^[xuU]/.test(char)) return readCodePoint(scanner, rest);
  if (rest.startsWith('N{')) throw new NoLiteral();
  scanner.at += 1;
  return ESCAPES[char] ?? `\\${char}`;
}

function readCodePoint(scanner: Scanner, rest: string): string {
  const [source, x, u, long] =
    /^(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8}))/.exec(rest) ?? ([] as string[]);
  const code = Number.parseInt(x ?? u ?? long ?? '', 16);
  if (source === undefined || code > 0x10_ff_ff) throw new NoLiteral();
  scanner.at += source.length;
  return String.fromCodePoint(code);
}

/** `()`, `(1)` which is 1, `(1,)` which is a tuple. */
function readParentheses(scanner: Scanner): unknown {
  const { elements, endsWithComma } = readBracketed(scanner, '(', ')');
  return elements.length === 1 && !endsWithComma ? elements[0] : elements;
}

function readBracketed(
  scanner: Scanner,
  open: string,
  close: string,
): { elements: unknown[]; endsWithComma: boolean } {
  enter(scanner, open);
  const elements: unknown[] = [];
  let endsWithComma = true;
  while (endsWithComma && !take(scanner, close)) {
    elements.push(readValue(scanner));
    endsWithComma = take(scanner, ',');
  }
  if (!endsWithComma && !take(scanner, close)) throw new NoLiteral();
  scanner.depth -= 1;
  return { elements, endsWithComma };
}

/** A dict; a set, which JSON does not know, becomes a list. */
function readBraces(scanner: Scanner): unknown {
  enter(scanner, '{');
  const pairs: [string, unknown][] = [];
  const elements: unknown[] = [];
  while (!take(scanner, '}')) {
    const key = readValue(scanner);
    if (take(scanner, ':')) pairs.push([jsonKey(key), readValue(scanner)]);
    else elements.push(key);
    if (take(scanner, ',')) continue;
    if (!take(scanner, '}')) throw new NoLiteral();
    break;
  }
  scanner.depth -= 1;
  if (elements.length === 0) return Object.fromEntries(pairs);
  if (pairs.length > 0) throw new NoLiteral();
  return elements;
}

function jsonKey(key: unknown): string {
  if (typeof key === 'object' && key !== null) throw new NoLiteral();
  return String(key);
}

function enter(scanner: Scanner, open: string): void {
  scanner.depth += 1;
  if (scanner.depth > 50 || !take(scanner, open)) throw new NoLiteral();
}

function take(scanner: Scanner, char: string): boolean {
  skip(scanner);
  if (scanner.text.charAt(scanner.at) !== char) return false;
  scanner.at += 1;
  skip(scanner);
  return true;
}

/** Blanks, and at the end a comment: Python reads `8080 # web` as 8080. */
function skip(scanner: Scanner): void {
  while (/[ \t\f]/.test(scanner.text.charAt(scanner.at))) scanner.at += 1;
  if (scanner.text.charAt(scanner.at) === '#') scanner.at = scanner.text.length;
}
