import type { Vars } from './types.ts';

/** A parsed YAML, JSON or inline value that still knows its lines and the order of its keys. */
export type Tree = Leaf | List | Mapping;

export interface Leaf {
  kind: 'leaf';
  line: number | undefined;
  value: unknown;
}

export interface List {
  kind: 'list';
  line: number | undefined;
  /** Nodes in it, aliases expanded, itself included. */
  size: number;
  elements: Tree[];
}

export interface Mapping {
  kind: 'mapping';
  line: number | undefined;
  size: number;
  entries: Entry[];
}

export interface Entry {
  /** As Python's json writes it: `80`, `true`, `null` for keys that are no text. */
  key: string;
  isText: boolean;
  line: number | undefined;
  value: Tree;
}

export function sizeOf(tree: Tree): number {
  return tree.kind === 'leaf' ? 1 : tree.size;
}

/** The value without lines. A key `__proto__` becomes an own property like any other. */
export function toValue(tree: Tree): unknown {
  if (tree.kind === 'leaf') return tree.value;
  if (tree.kind === 'list') return tree.elements.map(toValue);
  return toVars(tree);
}

export function toVars(mapping: Mapping): Vars {
  return Object.fromEntries(mapping.entries.map(({ key, value }) => [key, toValue(value)]));
}

/** What Python would call it, for messages. */
export function describe(tree: Tree): string {
  if (tree.kind !== 'leaf') return tree.kind === 'list' ? 'a list' : 'a mapping';
  if (tree.value === null) return 'empty';
  return typeof tree.value === 'string'
    ? `the text "${shorten(tree.value)}"`
    : `a ${typeof tree.value}`;
}

function shorten(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
