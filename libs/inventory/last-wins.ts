import type { Entry } from './tree.ts';
import type { Warning } from './types.ts';

/** A key that comes twice keeps its first place and its last value, as in a Python dict. */
export function lastWins(
  { file, warnings }: { file: string; warnings: Warning[] },
  merged: Entry[],
  own: Entry[],
): Entry[] {
  if (merged.length === 0 && areDistinct(own)) return own;
  const found = new Map<string, Entry>();
  for (const entry of merged) found.set(identity(entry), entry);
  const inherited = new Set(found.keys());
  for (const entry of own) {
    const id = identity(entry);
    const before = found.get(id);
    if (before && !inherited.delete(id)) {
      const message = `"${entry.key}" is written twice (before in line ${before.line}), the last one counts`;
      warnings.push({ file, line: entry.line, message });
    }
    found.set(id, entry);
  }
  return [...found.values()];
}

/** Most mappings are small and have no key twice: they need no index. */
function areDistinct(entries: Entry[]): boolean {
  if (entries.length > 8) return new Set(entries.map(identity)).size === entries.length;
  return entries.every(({ key }, index) =>
    entries.every((other, place) => place >= index || other.key !== key),
  );
}

function identity(entry: Entry): string {
  return entry.isText ? entry.key : `\0${entry.key}`;
}
