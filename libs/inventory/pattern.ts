import { GofleetError } from '#errors';
import { parseAddress } from './address.ts';
import { globToRegExp, pythonToRegExp } from './glob.ts';
import type { Inventory } from './types.ts';

const SUBSCRIPT = /^(.+)\[(?:(-?[0-9]+)|([0-9]+)[:-]([0-9]*))\]$/s;

export interface PatternOptions {
  /** Gives the text of a list of hosts that `@name` stands for. */
  readList?: ((name: string) => string) | undefined;
}

export interface Matched {
  /** Names in Ansible's order, each once. */
  names: string[];
  /** Parts of the pattern that no host and no group matches: perhaps misspelt. */
  unmatched: string[];
}

/** Which hosts a pattern like `web:&dc1:!db` means. Throws `usage` for a pattern that cannot be read. */
export function matchHosts(
  inventory: Inventory,
  pattern: string,
  options: PatternOptions = {},
): Matched {
  const parts = splitPattern(pattern).flatMap((part) => expandList(part, options));
  const unmatched: string[] = [];
  let names: string[] = [];
  for (const part of inOrder(parts)) {
    const found = matchPart(inventory, part, unmatched);
    if (part.startsWith('!')) names = without(names, found);
    else if (part.startsWith('&')) names = within(names, found);
    else names = [...names, ...found];
  }
  return { names: [...new Set(names)], unmatched };
}

function without(names: string[], found: string[]): string[] {
  const excluded = new Set(found);
  return names.filter((name) => !excluded.has(name));
}

function within(names: string[], found: string[]): string[] {
  const wanted = new Set(found);
  return names.filter((name) => wanted.has(name));
}

/** Commas separate; without one colons do, but for those of IPv6 addresses and subscripts. */
export function splitPattern(pattern: string): string[] {
  const parts = pattern.includes(',') ? pattern.split(',') : splitAtColons(pattern);
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}

function splitAtColons(pattern: string): string[] {
  if (parseAddress(pattern)) return [pattern];
  const part = /(?:[^\s:[\]]|\[[^\]]*\])+/g;
  // Ansible drops the bracket and takes what is left, which means other hosts than were meant
  if (/[[\]]/.test(pattern.replaceAll(part, ''))) {
    throw wrong(pattern, 'has a bracket without its other half', 'Close it, or take it out.');
  }
  return pattern.match(part) ?? [];
}

function expandList(part: string, options: PatternOptions): string[] {
  if (!part.startsWith('@')) return [part];
  if (!options.readList) {
    throw wrong(part, 'names a list of hosts, and there are no files here', 'Name the hosts.');
  }
  const lines = options.readList(part.slice(1)).split('\n');
  return lines.map((line) => line.trim()).filter((line) => line !== '');
}

/** What adds comes first, then what must also match, then what is left out; nothing to add means `all`. */
function inOrder(parts: string[]): string[] {
  const adding = parts.filter((part) => !/^[!&]/.test(part));
  const crossing = parts.filter((part) => part.startsWith('&'));
  const excluding = parts.filter((part) => part.startsWith('!'));
  return [...(adding.length > 0 ? adding : ['all']), ...crossing, ...excluding];
}

function matchPart(inventory: Inventory, part: string, unmatched: string[]): string[] {
  if (inventory.hosts.has(part)) return [part];
  const plain = part.replace(/^[!&]/, '');
  if (plain === '' || plain === '~')
    throw wrong(part, 'says nothing', 'Write a host, group or pattern behind it.');
  const { base, subscript } = splitSubscript(plain);
  const { names, known } = enumerate(inventory, base);
  if (!known && plain !== 'all') unmatched.push(plain);
  return subscript ? pick(names, subscript, plain) : names;
}

interface Subscript {
  start: number;
  /** Undefined for one host; -1 for "to the last". */
  end: number | undefined;
}

function splitSubscript(pattern: string): { base: string; subscript: Subscript | undefined } {
  const match = pattern.startsWith('~') ? undefined : SUBSCRIPT.exec(pattern);
  if (!match) return { base: pattern, subscript: undefined };
  const [, base = '', index, start, end] = match;
  if (index !== undefined) return { base, subscript: { start: Number(index), end: undefined } };
  return { base, subscript: { start: Number(start), end: end === '' ? -1 : Number(end) } };
}

/** Both ends are included. */
function pick(names: string[], { start, end }: Subscript, pattern: string): string[] {
  if (names.length === 0) return [];
  if (end) return names.slice(start, end === -1 ? names.length : end + 1);
  const name = names.at(start);
  if (name !== undefined) return [name];
  throw new GofleetError('no_hosts', `"${pattern}": there are only ${names.length} hosts`, {
    remedy: 'Count from 0, or from the end with negative numbers.',
  });
}

/** Hosts of every group that matches; hosts by their own name where no group does, and for globs. */
function enumerate(inventory: Inventory, pattern: string): { names: string[]; known: boolean } {
  const test = tester(pattern);
  const groups = [...inventory.groups.keys()].filter(test);
  const names = groups.flatMap((group) => hostsBelow(inventory, group));
  if (groups.length === 0 || /^~|[.?*[]/.test(pattern)) {
    for (const host of inventory.hosts.keys()) if (test(host)) names.push(host);
  }
  return { names, known: groups.length > 0 || names.length > 0 };
}

function tester(pattern: string): (name: string) => boolean {
  const isExpression = pattern.startsWith('~');
  if (!isExpression && !/[?*[]/.test(pattern)) return (name) => name === pattern;
  const expression = isExpression ? pythonToRegExp(pattern.slice(1)) : globOf(pattern);
  if (expression) return (name) => expression.test(name);
  throw wrong(pattern, 'is no expression', 'Check its brackets.');
}

function globOf(pattern: string): RegExp | undefined {
  try {
    return globToRegExp(pattern);
  } catch {
    return undefined;
  }
}

/** The hosts of a group and of those below it, level by level, each once. */
function hostsBelow(inventory: Inventory, name: string): string[] {
  const groups = new Set([name]);
  const hosts = new Set<string>();
  for (const next of groups) {
    const group = inventory.groups.get(next);
    for (const host of group?.hosts ?? []) hosts.add(host);
    for (const child of group?.children ?? []) groups.add(child);
  }
  return [...hosts];
}

function wrong(pattern: string, message: string, remedy: string): GofleetError {
  return new GofleetError('usage', `The pattern "${pattern}" ${message}.`, { remedy });
}
