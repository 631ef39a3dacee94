import { compare, valid } from 'semver';
import type { Manifest, Pack } from './schema.ts';

/** What became of one named thing from one bundle to another. */
export interface Difference {
  kind: 'toolchain' | 'pack' | 'module' | 'project';
  /** `1.21.5 linux/amd64`, `default`, `default: github.com/x/y`, `default: sample`. */
  name: string;
  change: 'added' | 'removed' | 'changed' | 'upgraded' | 'downgraded';
  /** Versions of modules, else undefined. */
  before?: string | undefined;
  after?: string | undefined;
}

export interface BundleDiff {
  before: { name: string; digest: string };
  after: { name: string; digest: string };
  differences: Difference[];
  /** Blobs that only the later one has, and their bytes: what has to be carried to where the earlier one is. */
  newBlobs: number;
  newBytes: number;
  sameBlobs: number;
}

type Side = { manifest: Manifest; digest: string };

/** Compares what two manifests say; nothing is hashed. */
export function diffBundles(before: Side, after: Side): BundleDiff {
  const there = new Set(before.manifest.blobs.map(({ sha256 }) => sha256));
  const fresh = after.manifest.blobs.filter(({ sha256 }) => !there.has(sha256));
  return {
    before: { name: before.manifest.name, digest: before.digest },
    after: { name: after.manifest.name, digest: after.digest },
    differences: [
      ...toolchains(before.manifest, after.manifest),
      ...packs(before.manifest, after.manifest),
    ],
    newBlobs: fresh.length,
    newBytes: fresh.reduce((sum, { size }) => sum + size, 0),
    sameBlobs: after.manifest.blobs.length - fresh.length,
  };
}

function toolchains(before: Manifest, after: Manifest): Difference[] {
  const trees = ({ toolchains: all }: Manifest) =>
    new Map(all.map(({ version, os, arch, tree }) => [`${version} ${os}/${arch}`, tree]));
  return keyed(trees(before), trees(after)).map((each) => ({ kind: 'toolchain', ...each }));
}

function packs(before: Manifest, after: Manifest): Difference[] {
  const byName = ({ packs: all }: Manifest) => new Map(all.map((pack) => [pack.name, pack]));
  const [old, now] = [byName(before), byName(after)];
  return namesOf(old, now).flatMap((name): Difference[] => {
    const [left, right] = [old.get(name), now.get(name)];
    if (!left || !right) return [{ kind: 'pack', name, change: left ? 'removed' : 'added' }];
    return [...modules(left, right), ...projects(left, right)];
  });
}

/** One version of a path that makes way for one other is a step up or down; anything else comes and goes. */
function modules(before: Pack, after: Pack): Difference[] {
  const byPath = ({ modules: all }: Pack) => Map.groupBy(all, ({ path }) => path);
  const [old, now] = [byPath(before), byPath(after)];
  return namesOf(old, now).flatMap((path) => {
    const [left, right] = [old, now].map((side) =>
      (side.get(path) ?? []).map(({ version }) => version),
    );
    const gone = (left ?? []).filter((version) => !right?.includes(version));
    const come = (right ?? []).filter((version) => !left?.includes(version));
    return steps(`${after.name}: ${path}`, gone, come);
  });
}

function steps(name: string, gone: string[], come: string[]): Difference[] {
  const [before, after] = [gone[0], come[0]];
  if (gone.length === 1 && come.length === 1 && before !== undefined && after !== undefined)
    return [{ kind: 'module', name, change: direction(before, after), before, after }];
  return [
    ...gone.map(
      (version) => ({ kind: 'module', name, change: 'removed', before: version }) as const,
    ),
    ...come.map((version) => ({ kind: 'module', name, change: 'added', after: version }) as const),
  ];
}

function direction(before: string, after: string): 'upgraded' | 'downgraded' | 'changed' {
  if (!valid(before) || !valid(after)) return 'changed';
  return compare(after, before) > 0 ? 'upgraded' : 'downgraded';
}

function projects(before: Pack, after: Pack): Difference[] {
  const trees = ({ projects: all }: Pack) => new Map(all.map(({ name, tree }) => [name, tree]));
  return keyed(trees(before), trees(after)).map(({ name, change }) => ({
    kind: 'project',
    name: `${after.name}: ${name}`,
    change,
  }));
}

function keyed(
  before: Map<string, string>,
  after: Map<string, string>,
): { name: string; change: 'added' | 'removed' | 'changed' }[] {
  return namesOf(before, after).flatMap((name) => {
    const [old, now] = [before.get(name), after.get(name)];
    if (old === now) return [];
    return [
      { name, change: old === undefined ? 'added' : now === undefined ? 'removed' : 'changed' },
    ];
  });
}

function namesOf(left: Map<string, unknown>, right: Map<string, unknown>): string[] {
  return [...new Set([...left.keys(), ...right.keys()])].sort();
}
