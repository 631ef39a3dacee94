import { resolve } from 'node:path';
import { digestOf, writeManifest } from './manifest.ts';
import { blobPath, Manifest, type BundleBlob, type ManifestDraft } from './schema.ts';
import { sumsOf } from './sums.ts';
import { compareBytes } from './tree.ts';
import { writeFiles, type BundleFile } from './write-files.ts';

/** What a bundle holds; the list of its blobs follows from it. */
export type BundleContent = Pick<
  ManifestDraft,
  'name' | 'toolchains' | 'packs' | 'tools' | 'rehearsal' | 'unverified'
>;

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

/** The blobs that a bundle consists of, as its parts name them. */
export function blobsOf({
  toolchains,
  packs,
}: Pick<BundleContent, 'toolchains' | 'packs'>): { blob: string; size: number }[] {
  return [
    ...toolchains,
    ...packs,
    ...packs.flatMap(({ projects }) => projects),
    ...packs.flatMap(({ graphs }) => graphs ?? []),
  ];
}

function manifestOf(content: BundleContent): Manifest {
  const blobs = new Map<string, BundleBlob>();
  for (const { blob, size } of blobsOf(content))
    blobs.set(blob, { sha256: blob, size, path: blobPath(blob) });
  return Manifest.parse({
    schema: 1,
    releases: [],
    blobs: [...blobs.values()].sort((a, b) => compareBytes(a.sha256, b.sha256)),
    sbom: null,
    ...content,
  } satisfies ManifestDraft);
}
