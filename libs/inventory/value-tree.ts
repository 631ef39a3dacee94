import type { Entry, Tree } from './tree.ts';

export type Path = readonly (string | number)[];

/** Tells the line of a path inside the value, where the caller knows it. */
export type LineOf = (path: Path) => number | undefined;

/** A value that was parsed elsewhere (an inline mapping of a plan, JSON) as a tree. */
export function treeOf(value: unknown, lineOf: LineOf = () => undefined, path: Path = []): Tree {
  const line = lineOf(path);
  if (typeof value !== 'object' || value === null) return { kind: 'leaf', line, value };
  if (Array.isArray(value)) {
    const elements = value.map((element, index) => treeOf(element, lineOf, [...path, index]));
    return { kind: 'list', line, size: 1, elements };
  }
  const entries = Object.entries(value).map(([key, inner]): Entry => ({
    key,
    isText: true,
    line: lineOf([...path, key]),
    value: treeOf(inner, lineOf, [...path, key]),
  }));
  return { kind: 'mapping', line, size: 1, entries };
}
