import { setImmediate as nextTick } from 'node:timers/promises';
import { readManifest } from '#bundle';
import type { Queries } from '#ledger';
import type { KnownTree } from '#operations';
import type { Engine } from '../engine.ts';

/** Every tree that hosts may have from the bundles here, each archive once. */
export async function knownTrees({ ledger }: Engine): Promise<KnownTree[]> {
  const digests = await ledger.read((queries) => importedDigests(queries));
  const trees = new Map<string, KnownTree>();
  for (const digest of digests) {
    const text = await ledger.read((queries) => manifestOf(queries, digest));
    for (const tree of text === undefined ? [] : treesOf(text)) trees.set(tree.blob, tree);
    // a manifest of thousands of modules takes a while to read
    await nextTick();
  }
  return [...trees.values()];
}

async function importedDigests(queries: Queries): Promise<string[]> {
  const rows = await queries
    .selectFrom('bundles')
    .select('digest')
    .where('imported_at', 'is not', null)
    .orderBy('imported_at')
    .limit(1000)
    .execute();
  return rows.map(({ digest }) => digest);
}

async function manifestOf(queries: Queries, digest: string): Promise<string | undefined> {
  const row = await queries
    .selectFrom('bundles')
    .select('manifest')
    .where('digest', '=', digest)
    .executeTakeFirst();
  return row?.manifest;
}

function treesOf(manifest: string): KnownTree[] {
  const { toolchains, packs } = readManifest(manifest);
  return [
    ...toolchains.map(({ version, os, arch, blob, size, tree }) => ({
      kind: 'go' as const,
      version,
      os,
      arch,
      blob,
      size,
      tree,
    })),
    ...packs.map(({ blob, size, tree }) => ({ kind: 'modules' as const, blob, size, tree })),
  ];
}
