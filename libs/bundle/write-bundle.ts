import { resolve } from 'node:path';
import { digestOf, writeManifest } from './manifest.ts';
import { blobPath, type BundleBlob, type Manifest } from './schema.ts';
import { sumsOf } from './sums.ts';
import { compareBytes } from './tree.ts';
import { writeFiles, type BundleFile } from './write-files.ts';

/** What a bundle holds; the list of its blobs follows from it. */
export type BundleContent = Pick<Manifest, 'name' | 'toolchains' | 'packs'>;

export interface WrittenBundle {
  path: string;
  digest: string;
  manifest: Manifest;
}

/**
 * Writes a bundle from blobs that lie in files: one tar where `out` ends with `.gofleet`, else a folder. It is there
 * whole or not at all; an older bundle of that name is replaced, anything else is not (`usage`).
 */
export async function writeBundle(
  content: BundleContent,
  pathOf: (sha256: string) => string,
  out: string,
): Promise<WrittenBundle> {
  const target = resolve(out);
  const manifest = manifestOf(content);
  const text = writeManifest(manifest);
  const digest = digestOf(text);
  const files: BundleFile[] = [
    { name: 'manifest.json', text },
    { name: 'SHA256SUMS', text: sumsOf(manifest, digest) },
    ...manifest.blobs.map(({ sha256, path, size }) => ({ name: path, from: pathOf(sha256), size })),
  ];
  await writeFiles(target, files);
  return { path: target, digest, manifest };
}

function manifestOf({ name, toolchains, packs }: BundleContent): Manifest {
  const archives = [...toolchains, ...packs, ...packs.flatMap(({ projects }) => projects)];
  const blobs = new Map<string, BundleBlob>();
  for (const { blob, size } of archives)
    blobs.set(blob, { sha256: blob, size, path: blobPath(blob) });
  return {
    schema: 1,
    name,
    toolchains,
    packs,
    releases: [],
    tools: [],
    blobs: [...blobs.values()].sort((a, b) => compareBytes(a.sha256, b.sha256)),
    rehearsal: null,
  };
}
