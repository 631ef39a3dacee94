import { z } from 'zod';
import type { Facts } from './host/facts.ts';
import { goTree } from './wanted.ts';

const archive = { blob: z.string(), size: z.int(), tree: z.string() };

/** A tree of an imported bundle that a host may have: its archive, and the digest of the tree in its manifest. */
export const KnownTree = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('go'),
    version: z.string(),
    os: z.string(),
    arch: z.string(),
    ...archive,
  }),
  z.strictObject({ kind: z.literal('modules'), ...archive }),
]);
export type KnownTree = z.infer<typeof KnownTree>;

/** A tree that a host works with. */
export interface InstalledTree {
  kind: KnownTree['kind'];
  /** The name of its folder. */
  name: string;
  /** What it was unpacked from; undefined where no bundle that is known has it. */
  known: KnownTree | undefined;
  /** go.env is ours: the name of the tree covers what is in it. */
  ownSettings: boolean;
}

/** The active trees of a host. */
export function installedTrees(found: Facts, known: readonly KnownTree[]): InstalledTree[] {
  const { go, modules } = found.active ?? {};
  return [
    ...(go ? [installedGo(go, found, known)] : []),
    ...(modules ? [installedModules(modules, known)] : []),
  ];
}

/** Where somebody has edited go.env the name fits none: then it is one of the same version, whose go.env differs. */
function installedGo(name: string, found: Facts, known: readonly KnownTree[]): InstalledTree {
  const { os, arch, goEnv } = found;
  const fitting = known.filter(
    (each) =>
      each.kind === 'go' &&
      each.os === os &&
      each.arch === arch &&
      name.startsWith(`${each.version}-`),
  );
  const isNamed = (each: KnownTree, env: string | undefined): boolean =>
    each.kind === 'go' && goTree(each.version, each.blob, env) === name;
  const ours = fitting.find((each) => isNamed(each, goEnv));
  const plain = fitting.find((each) => isNamed(each, undefined));
  return { kind: 'go', name, known: ours ?? plain ?? fitting[0], ownSettings: ours !== undefined };
}

function installedModules(name: string, known: readonly KnownTree[]): InstalledTree {
  const found = known.find(({ kind, blob }) => kind === 'modules' && blob.startsWith(name));
  return { kind: 'modules', name, known: found, ownSettings: false };
}
