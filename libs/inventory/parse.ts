import { GofleetError } from '#errors';
import { emptyInventory } from './builder.ts';
import { readGroups } from './group-tree.ts';
import { readIni } from './ini.ts';
import { fault, invalid } from './invalid.ts';
import { describe, type Tree } from './tree.ts';
import { settle } from './settle.ts';
import type { Inventory, Position } from './types.ts';
import { treeOf, type LineOf } from './value-tree.ts';
import { readYaml, type YamlText } from './yaml-tree.ts';

const MAX_BYTES = 5_000_000;
const YAML_NAMES = /\.(?:ya?ml|json)$/;

export interface ParseOptions {
  /** Stands for the file in messages; a `.yml`, `.yaml` or `.json` name tells the format. */
  name: string;
  /** The line of the surrounding file on which the text begins; 1 unless given. */
  firstLine?: number | undefined;
}

/** Reads an inline inventory, YAML, JSON or INI. Throws `invalid_file` with the line. */
export function parseInventory(text: string, options: ParseOptions): Inventory {
  const inventory = emptyInventory();
  readInventoryText(inventory, text, options);
  return settle(inventory);
}

export interface ValueOptions {
  name?: string;
  /** Where the caller knows the lines of the value. */
  lineOf?: LineOf;
}

/** Reads an inline inventory that is already a mapping, as in a plan. Throws `invalid_file`. */
export function inventoryFromValue(value: unknown, options: ValueOptions = {}): Inventory {
  const { name = 'inventory', lineOf } = options;
  const inventory = emptyInventory();
  readTree(inventory, treeOf(value, lineOf), name);
  return settle(inventory);
}

/** Adds what one file or inline text says; several may be read into one inventory. */
export function readInventoryText(inventory: Inventory, text: string, options: ParseOptions): void {
  const source = { text: withoutMark(text), file: options.name, firstLine: options.firstLine ?? 1 };
  refuseForeign(source.text, { file: source.file, line: undefined });
  const tree = yamlOrNothing(inventory, source);
  if (tree) readTree(inventory, tree, source.file);
  else if (!YAML_NAMES.test(source.file)) readIni(inventory, source);
}

/** The tree where the text is YAML; nothing where it is INI or empty. */
function yamlOrNothing(inventory: Inventory, source: Omit<YamlText, 'warnings'>): Tree | undefined {
  const named = YAML_NAMES.test(source.file);
  if (!named && looksLikeIni(source.text)) return undefined;
  const warnings: Inventory['warnings'] = [];
  const tree = readYaml({ ...source, warnings });
  if (!named && tree?.kind === 'leaf' && typeof tree.value === 'string') return undefined;
  inventory.warnings.push(...warnings);
  return tree;
}

/** INI where the first line that says something is a section, or a host with variables or without a colon at its end. */
function looksLikeIni(text: string): boolean {
  for (const raw of text.split(/\r?\n/)) {
    const line = raw.trim();
    if (line === '' || /^[#;]/.test(line)) continue;
    if (/^(?:---|%|\{|["'])/.test(line)) return false;
    return !/^[^=]*:(?:\s|$)/.test(line);
  }
  return true;
}

function readTree(inventory: Inventory, tree: Tree, file: string): void {
  const position: Position = { file, line: tree.line };
  if (tree.kind === 'leaf' && tree.value === null) {
    inventory.warnings.push({ ...position, message: 'the inventory is empty' });
    return;
  }
  if (tree.kind !== 'mapping') {
    throw invalid(
      position,
      `an inventory is a mapping of groups, and this is ${describe(tree)}`,
      'Begin with "all:" and write "hosts:" below it.',
    );
  }
  if (tree.entries.some(({ key }) => key === 'plugin')) {
    throw fault(
      'not_supported_yet',
      position,
      'the configuration of an inventory plugin is no inventory',
      'Run ansible-inventory --list --export --yaml with it and give gofleet what it prints.',
    );
  }
  readGroups(inventory, tree, file);
}

/** What is no text inventory at all: programs, and files that are locked or too large. */
function refuseForeign(text: string, position: Position): void {
  if (Buffer.byteLength(text) > MAX_BYTES) {
    throw new GofleetError('too_large', `${position.file} is larger than 5 MB`, {
      remedy: 'Split the inventory into a folder of several files.',
    });
  }
  if (text.startsWith('#!')) {
    throw fault(
      'not_supported_yet',
      { ...position, line: 1 },
      'executable inventories are not run',
      'Run it yourself and give gofleet the YAML of ansible-inventory --list --export --yaml.',
    );
  }
  if (isVaultText(text)) throw vaulted({ ...position, line: 1 });
  if (text.includes('\0')) {
    throw invalid(position, 'this is no text', 'Name a YAML or INI inventory.');
  }
}

/** Whether the whole text is locked by Ansible Vault. */
export function isVaultText(text: string): boolean {
  return text.startsWith('$ANSIBLE_VAULT;');
}

export function vaulted(position: Position): GofleetError {
  return fault(
    'not_supported_yet',
    position,
    'this is locked by Ansible Vault, which gofleet cannot open',
    'Write secrets as references like secret:env:GOFLEET_SECRET_X and leave the rest open.',
  );
}

function withoutMark(text: string): string {
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}
