/** A file or link of an archive: its path with the top folder, its mode, and the SHA-256 of its bytes or target. */
export interface TreeFile {
  path: string;
  mode: '0755' | '0644' | 'link';
  sha256: string;
}

/** The files of a tree on a host, by their paths below its folder. */
export interface HashedTree {
  hashes: ReadonlyMap<string, string>;
  executable: ReadonlySet<string>;
  /** Neither files nor folders. */
  other: readonly string[];
}

/** A file that is not as it was unpacked. */
export interface TreeDifference {
  path: string;
  what: 'changed' | 'mode' | 'missing' | 'added';
}

/** What differs between a tree on a host and the archive that it was unpacked from, in the order of the paths. */
export function compareTree(
  wanted: readonly TreeFile[],
  found: HashedTree,
  leftOut: ReadonlySet<string> = new Set(),
): TreeDifference[] {
  const named = new Set<string>();
  const other = new Set(found.other);
  const differences: TreeDifference[] = [];
  for (const { path: full, mode, sha256 } of wanted) {
    const path = full.slice(full.indexOf('/') + 1);
    named.add(path);
    const hash = found.hashes.get(path);
    if (leftOut.has(path) || (mode === 'link' && other.has(path))) continue;
    if (hash === undefined && !other.has(path)) differences.push({ path, what: 'missing' });
    else if (hash !== sha256) differences.push({ path, what: 'changed' });
    else if (found.executable.has(path) !== (mode === '0755'))
      differences.push({ path, what: 'mode' });
  }
  for (const path of [...found.hashes.keys(), ...found.other])
    if (!named.has(path)) differences.push({ path, what: 'added' });
  return differences.sort((a, b) => (a.path < b.path ? -1 : 1));
}
