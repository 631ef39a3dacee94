import { closest, distance } from 'fastest-levenshtein';
import { addChild, addGroup, addHosts, setVariable } from './builder.ts';
import { invalid } from './invalid.ts';
import { describe, toValue, type Entry, type Mapping, type Tree } from './tree.ts';
import type { Inventory, Position } from './types.ts';

const SECTIONS = ['hosts', 'children', 'vars'] as const;
type Section = (typeof SECTIONS)[number];

/** Reads groups from the mapping of a YAML, JSON or inline inventory. Throws `invalid_file` with the line. */
export function readGroups(inventory: Inventory, tree: Mapping, file: string): void {
  for (const entry of tree.entries) readGroup(inventory, entry, file);
}

/** Gives the name of the group, also where its body is skipped as Ansible does. */
function readGroup(inventory: Inventory, entry: Entry, file: string): string {
  const position = { file, line: entry.line };
  const name = nameOf(entry, position, 'group');
  const body = asMapping(entry.value);
  if (!body) {
    const message = `"${name}" is skipped: a group is a mapping, and this is ${describe(entry.value)}`;
    inventory.warnings.push({ ...position, message });
    return name;
  }
  addGroup(inventory, name);
  for (const part of body.entries) readPart(inventory, name, part, file);
  return name;
}

function readPart(inventory: Inventory, group: string, part: Entry, file: string): void {
  const position = { file, line: part.line };
  const section = SECTIONS.find((known) => known === part.key);
  if (!section) {
    inventory.warnings.push({ ...position, message: unknownKey(group, part.key) });
    return;
  }
  for (const entry of sectionEntries(group, section, part, position)) {
    readMember(inventory, group, section, { entry, file });
  }
}

function unknownKey(group: string, key: string): string {
  const near = closest(key, [...SECTIONS]);
  const hint = distance(near, key) <= 2 ? `; is it "${near}"?` : '';
  return `"${key}" in the group "${group}" is skipped: a group has hosts, children and vars${hint}`;
}

function sectionEntries(group: string, section: Section, part: Entry, place: Position): Entry[] {
  const { value } = part;
  if (value.kind === 'leaf' && typeof value.value === 'string') {
    return [{ key: value.value, isText: true, line: value.line, value: nothing(value.line) }];
  }
  const body = asMapping(value);
  if (body) return body.entries;
  throw invalid(
    place,
    `"${section}" of the group "${group}" is ${describe(value)}`,
    `Write ${section} as a mapping: one "name:" on each line, without a dash.`,
  );
}

function readMember(
  inventory: Inventory,
  group: string,
  section: Section,
  { entry, file }: { entry: Entry; file: string },
): void {
  const position = { file, line: entry.line };
  switch (section) {
    case 'vars':
      return setVariable(inventory, group, variableOf(entry), position);
    case 'children': {
      const child = readGroup(inventory, entry, file);
      if (!inventory.groups.has(child)) {
        throw invalid(position, `the group "${child}" cannot be read`, 'Make it a mapping.');
      }
      return addChild(inventory, group, child, position);
    }
    case 'hosts':
      return readHosts(inventory, group, entry, file);
    default:
      section satisfies never;
  }
}

function readHosts(inventory: Inventory, group: string, entry: Entry, file: string): void {
  const position = { file, line: entry.line };
  const pattern = nameOf(entry, position, 'host');
  const vars = asMapping(entry.value) ?? (isFalsy(entry.value) ? nothingMapping : undefined);
  if (!vars) {
    throw invalid(
      position,
      `the variables of the host "${pattern}" are ${describe(entry.value)}`,
      'Write them as a mapping below the host, one "name: value" on each line.',
    );
  }
  for (const host of addHosts(inventory, group, pattern, position)) {
    for (const variable of vars.entries) {
      setVariable(inventory, host, variableOf(variable), { file, line: variable.line });
    }
  }
}

function variableOf(entry: Entry): { key: string; value: unknown } {
  return { key: entry.key, value: toValue(entry.value) };
}

/** Names are text: `no:` and `10:` are a boolean and a number in YAML. */
function nameOf(entry: Entry, position: Position, what: 'host' | 'group'): string {
  if (entry.isText && entry.key !== '') return entry.key;
  throw invalid(
    position,
    `the ${what} name ${entry.key || '""'} is no text`,
    `Put the name in quotes.`,
  );
}

const nothingMapping: Mapping = { kind: 'mapping', line: undefined, size: 1, entries: [] };

function asMapping(tree: Tree): Mapping | undefined {
  if (tree.kind === 'mapping') return tree;
  return tree.kind === 'leaf' && tree.value === null ? nothingMapping : undefined;
}

function isFalsy(tree: Tree): boolean {
  if (tree.kind === 'list') return tree.elements.length === 0;
  return tree.kind === 'leaf' && (tree.value === '' || tree.value === false || tree.value === 0);
}

function nothing(line: number | undefined): Tree {
  return { kind: 'leaf', line, value: null };
}
