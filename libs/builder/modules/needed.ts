import type { ModuleVersion } from '#gomod';

/** A module that a pack needs: its zip, or its go.mod alone to resolve versions. */
export interface Needed extends ModuleVersion {
  zip: boolean;
}

/** Each module once, with its zip where anything needs that, in the order of paths and versions. */
export function together(lists: readonly (readonly Needed[])[]): Needed[] {
  const all = new Map<string, Needed>();
  for (const module of lists.flat()) {
    const key = nameOf(module);
    all.set(key, { ...module, zip: module.zip || (all.get(key)?.zip ?? false) });
  }
  return [...all]
    .sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    .map(([, each]) => each);
}

/** `path@version`, as go writes it. */
export function nameOf({ path, version }: ModuleVersion): string {
  return `${path}@${version}`;
}

/** The other way round; undefined where there is no version. */
export function moduleNamed(name: string): ModuleVersion | undefined {
  const at = name.lastIndexOf('@');
  return at > 0 ? { path: name.slice(0, at), version: name.slice(at + 1) } : undefined;
}
