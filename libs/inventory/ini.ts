import { addChild, addGroup, addHosts, setVariable } from './builder.ts';
import { invalid } from './invalid.ts';
import { readLiteral } from './python-literal.ts';
import { splitWords, UnbalancedLine } from './shell-words.ts';
import type { Inventory, Position } from './types.ts';

/** Where Python's `splitlines` breaks. */
// oxlint-disable-next-line no-control-regex
const LINE_BREAK = /\r\n|[\n\r\v\f\x1C-\x1E\x85\u2028\u2029]/;
const SECTION = /^\[([^:\]\s]+)(?::([\p{L}\p{N}_]+))?\]\s*(?:#.*)?$/u;
const GROUP_NAME = /^([^:\]\s]+)\s*(?:#.*)?$/;
const KINDS = ['hosts', 'children', 'vars'] as const;
type Kind = (typeof KINDS)[number];

/** A group that was named before it was declared. */
type Promised =
  | { kind: 'vars'; position: Position }
  | { kind: 'children'; position: Position; parents: string[] };

interface Section {
  group: string;
  kind: Kind;
}

export interface IniText {
  text: string;
  file: string;
  /** The line of the file on which the text begins, from 1. */
  firstLine: number;
}

/** Reads an INI inventory into `inventory`. Throws `invalid_file` with the line. */
export function readIni(inventory: Inventory, source: IniText): void {
  const promised = new Map<string, Promised>();
  let section: Section = { group: 'ungrouped', kind: 'hosts' };
  for (const [index, raw] of source.text.split(LINE_BREAK).entries()) {
    const line = raw.trim();
    const position = { file: source.file, line: source.firstLine + index };
    if (line === '' || line.startsWith('#') || line.startsWith(';')) continue;
    const header = readHeader(line, position);
    if (header) declare(inventory, promised, header, position);
    else readLine(inventory, promised, section, { line, position });
    section = header ?? section;
  }
  refuseOpenPromises(promised);
}

function readHeader(line: string, position: Position): Section | undefined {
  const match = SECTION.exec(line);
  if (match) {
    const [, group = '', word = 'hosts'] = match;
    const kind = KINDS.find((known) => known === word);
    if (kind) return { group, kind };
    throw invalid(
      position,
      `the section [${group}:${word}] is of no known kind`,
      'Write [group], [group:children] or [group:vars].',
    );
  }
  if (line.startsWith('[') && line.endsWith(']')) {
    throw invalid(
      position,
      `${line} is no section`,
      'Leave out the spaces and use no other brackets or colons in the name of a group.',
    );
  }
  return undefined;
}

/** `[group]` and `[group:children]` declare a group, `[group:vars]` only uses it. */
function declare(
  inventory: Inventory,
  promised: Map<string, Promised>,
  section: Section,
  position: Position,
): void {
  const { group, kind } = section;
  if (!inventory.groups.has(group) && kind === 'vars' && !promised.has(group)) {
    promised.set(group, { kind, position });
  }
  addGroup(inventory, group);
  const promise = promised.get(group);
  if (!promise || kind === 'vars') return;
  if (promise.kind === 'vars') promised.delete(group);
  else keepPromise(inventory, promised, group, promise.parents);
}

function keepPromise(
  inventory: Inventory,
  promised: Map<string, Promised>,
  group: string,
  parents: string[],
): void {
  const position = promised.get(group)?.position ?? { file: '', line: undefined };
  promised.delete(group);
  for (const parent of parents) {
    addChild(inventory, parent, group, position);
    const above = promised.get(parent);
    if (above?.kind === 'children') keepPromise(inventory, promised, parent, above.parents);
  }
}

function readLine(
  inventory: Inventory,
  promised: Map<string, Promised>,
  section: Section,
  { line, position }: { line: string; position: Position },
): void {
  switch (section.kind) {
    case 'hosts':
      return readHost(inventory, section.group, line, position);
    case 'vars':
      return setVariable(inventory, section.group, readVariable(line, position), position);
    case 'children':
      return readChild(inventory, promised, section.group, { line, position });
    default:
      section.kind satisfies never;
  }
}

function readHost(inventory: Inventory, group: string, line: string, position: Position): void {
  const [pattern = '', ...assignments] = words(line, position);
  if (pattern === '---') {
    throw invalid(
      position,
      '--- begins YAML, not INI',
      'Name the file .yml, or take the line out.',
    );
  }
  const variables = assignments.map((assignment) => readAssignment(assignment, position));
  for (const host of addHosts(inventory, group, pattern, position)) {
    for (const variable of variables) setVariable(inventory, host, variable, position);
  }
}

function words(line: string, position: Position): string[] {
  try {
    return splitWords(line);
  } catch (error) {
    if (!(error instanceof UnbalancedLine)) throw error;
    throw invalid(position, error.message, 'Close the quote, or escape it with a backslash.');
  }
}

function readAssignment(word: string, position: Position): { key: string; value: unknown } {
  const equals = word.indexOf('=');
  if (equals >= 0)
    return { key: word.slice(0, equals), value: readLiteral(word.slice(equals + 1)) };
  throw invalid(
    position,
    `"${word}" is no variable`,
    'Write key=value behind the host, with quotes around values that have spaces.',
  );
}

function readVariable(line: string, position: Position): { key: string; value: unknown } {
  const equals = line.indexOf('=');
  if (equals < 0) {
    throw invalid(position, `"${line}" is no variable`, 'Write key=value, one on each line.');
  }
  return {
    key: line.slice(0, equals).trim(),
    value: readLiteral(line.slice(equals + 1).trim()),
  };
}

function readChild(
  inventory: Inventory,
  promised: Map<string, Promised>,
  group: string,
  { line, position }: { line: string; position: Position },
): void {
  const child = GROUP_NAME.exec(line)?.[1];
  if (child === undefined) {
    throw invalid(position, `"${line}" is no name of a group`, 'Name one group on each line.');
  }
  if (inventory.groups.has(child)) return addChild(inventory, group, child, position);
  const promise = promised.get(child);
  if (promise?.kind === 'children') promise.parents.push(group);
  else promised.set(child, { kind: 'children', position, parents: [group] });
}

function refuseOpenPromises(promised: Map<string, Promised>): void {
  for (const [group, { kind, position }] of promised) {
    const message =
      kind === 'vars'
        ? `[${group}:vars] belongs to no group`
        : `the child group "${group}" is declared nowhere`;
    throw invalid(position, message, `Add a section [${group}], or correct the name.`);
  }
}
