import { compare, valid } from 'semver';
import type { Manifest, Pack } from '../schema.ts';

/** What became of one named thing from one bundle to another. */
export interface Difference {
  kind: 'toolchain' | 'pack' | 'module' | 'project' | 'checksum database' | 'tool' | 'unverified';
  /** `1.21.5 linux/amd64`, `default`, `default: github.com/x/y`, `default: sample`; a package; `path@version`. */
  name: string;
  change: 'added' | 'removed' | 'changed' | 'upgraded' | 'downgraded';
  /** Versions of modules and tools, else undefined. */
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
      ...tools(before.manifest, after.manifest),
      ...unverified(before.manifest, after.manifest),
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
    return [...modules(left, right), ...projects(left, right), ...databases(left, right)];
  });
}

function databases(before: Pack, after: Pack): Difference[] {
  const head = ({ name, sumdb }: Pack) =>
    new Map(sumdb ? [[`${name}: ${sumdb.name}`, sumdb.head]] : []);
  return keyed(head(before), head(after)).map((each) => ({ kind: 'checksum database', ...each }));
}

function tools(before: Manifest, after: Manifest): Difference[] {
  const byPackage = ({ tools: all }: Manifest) => Map.groupBy(all, (tool) => tool.package);
  return versioned(byPackage(before), byPackage(after), (name) => ({ kind: 'tool', name }));
}

/** What nothing vouches for any more, or again. */
function unverified(before: Manifest, after: Manifest): Difference[] {
  const names = ({ unverified: all }: Manifest) => new Map(all.map((name) => [name, name]));
  return keyed(names(before), names(after)).map((each) => ({ kind: 'unverified', ...each }));
}

function modules(before: Pack, after: Pack): Difference[] {
  const byPath = ({ modules: all }: Pack) => Map.groupBy(all, ({ path }) => path);
  return versioned(byPath(before), byPath(after), (path) => ({
    kind: 'module',
    name: `${after.name}: ${path}`,
  }));
}

type Named = Pick<Difference, 'kind' | 'name'>;

/** One version that makes way for one other is a step up or down; anything else comes and goes. */
function versioned(
  before: Map<string, { version: string }[]>,
  after: Map<string, { version: string }[]>,
  name: (key: string) => Named,
): Difference[] {
  return namesOf(before, after).flatMap((key) => {
    const [left, right] = [before, after].map((side) =>
      (side.get(key) ?? []).map(({ version }) => version),
    );
    const gone = (left ?? []).filter((version) => !right?.includes(version));
    const come = (right ?? []).filter((version) => !left?.includes(version));
    return steps(name(key), gone, come);
  });
}

function steps(named: Named, gone: string[], come: string[]): Difference[] {
  const [before, after] = [gone[0], come[0]];
  if (gone.length === 1 && come.length === 1 && before !== undefined && after !== undefined)
    return [{ ...named, change: direction(before, after), before, after }];
  return [
    ...gone.map((version) => ({ ...named, change: 'removed', before: version }) as const),
    ...come.map((version) => ({ ...named, change: 'added', after: version }) as const),
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
