import { compareTree, type HashedTree, type TreeDifference } from '../compare-tree.ts';
import type { Facts } from '../host/facts.ts';
import { runScript, type Answer, type Session } from '../host/session.ts';
import { installedTrees, type InstalledTree } from '../installed.ts';
import { hashesScript } from '../render.ts';
import type { TreeReading } from '../task.ts';
import type { Deps } from './deps.ts';
import { safePoint, step, type Progress } from './progress.ts';

/** Files of one look: an answer of a host holds so many and more. */
const AT_ONCE = 20_000;
/** Differences that are named; a tree where more differ was not changed by accident. */
const NAMED = 100;

/** Hashes the active trees of a host there, and compares them with what their archives hold. */
export async function readTrees(
  session: Session,
  found: Facts,
  deps: Deps,
  progress: Progress,
): Promise<TreeReading[]> {
  const read: TreeReading[] = [];
  for (const tree of installedTrees(found, session.task.trees ?? [])) {
    const { kind, name, known } = tree;
    const wanted = known && (await deps.listing?.(known));
    if (!wanted) {
      read.push({ kind, name, blob: null, state: 'unknown', files: 0, count: 0, differences: [] });
      continue;
    }
    const hashed = await step(`hash ${kind}`, deps, () => hash(session, tree, deps, progress));
    const settings = new Set(tree.ownSettings ? ['go.env'] : []);
    const differences = compareTree(wanted, hashed, settings);
    read.push({ kind, name, blob: known.blob, ...judged(hashed, differences) });
  }
  return read;
}

function judged({ hashes }: HashedTree, differences: TreeDifference[]) {
  return {
    state: differences.length === 0 ? ('same' as const) : ('differs' as const),
    files: hashes.size,
    count: differences.length,
    differences: differences.slice(0, NAMED),
  };
}

async function hash(
  session: Session,
  { kind, name }: InstalledTree,
  deps: Deps,
  progress: Progress,
): Promise<HashedTree> {
  const hashes = new Map<string, string>();
  const executable = new Set<string>();
  const other: string[] = [];
  for (let first = 1, more = true; more; first += AT_ONCE) {
    safePoint(progress, deps);
    const said = await runScript(
      session,
      hashesScript({ kind, name }, { first, last: first + AT_ONCE - 1 }),
      {
        timeout: session.task.timeouts.step,
        signal: AbortSignal.any([progress.deadline, deps.signal]),
      },
    );
    const before = hashes.size;
    for (const [path, sha256] of hashesOf(said)) hashes.set(path, sha256);
    for (const path of pathsOf(said, 'executable')) executable.add(path);
    other.push(...pathsOf(said, 'other'));
    more = hashes.size - before === AT_ONCE;
  }
  return { hashes, executable, other };
}

/** What sha256sum prints; it marks a name that it had to escape with a backslash in front of the line. */
function hashesOf(said: Answer): [path: string, sha256: string][] {
  return said.flatMap((line): [string, string][] => {
    const [, escaped, sha256 = '', name = ''] =
      /^hash\t(\\?)([0-9a-f]{64}) [ *]\.\/(.*)$/.exec(line) ?? [];
    if (sha256 === '') return [];
    return [[escaped ? name.replaceAll(/\\([\\n])/g, unescaped) : name, sha256]];
  });
}

function unescaped(_: string, letter: string): string {
  return letter === 'n' ? '\n' : letter;
}

function pathsOf(said: Answer, word: string): string[] {
  return said.flatMap((line) =>
    line.startsWith(`${word}\t./`) ? [line.slice(word.length + 3)] : [],
  );
}
