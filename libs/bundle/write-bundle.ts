import { resolve } from 'node:path';
import { carriedFiles, partsPath, SBOM_FILE } from './carried.ts';
import {
  carriedBytes,
  DIFFERENTIAL_FILE,
  hashOfText,
  planDifferential,
  type Have,
  type KeptDifferential,
} from './differential/index.ts';
import { digestOf, writeManifest } from './manifest.ts';
import { blobPath, Manifest, type BundleBlob, type ManifestDraft } from './schema.ts';
import { sumsOf } from './sums.ts';
import { compareBytes } from './archive/tree.ts';
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

export interface WriteOptions {
  /** Carries no more than what the other side lacks; the manifest stays that of the full bundle. */
  against?: Have | undefined;
  /** The text of sbom.cdx.json. */
  sbom?: string | undefined;
}

/**
 * Writes a bundle from blobs that lie in files: one tar where `out` ends with `.gofleet`, else a folder. It is there
 * whole or not at all; an older bundle of that name is replaced, anything else is not (`usage`).
 */
export async function writeBundle(
  content: BundleContent,
  pathOf: (sha256: string) => string,
  out: string,
  { against, sbom }: WriteOptions = {},
): Promise<WrittenBundle> {
  const target = resolve(out);
  const manifest = manifestOf(content, sbom);
  const text = writeManifest(manifest);
  const digest = digestOf(text);
  const differential = against && (await planDifferential(manifest, digest, against, pathOf));
  const carried = carriedFiles(manifest, differential);
  const sources = new Map(
    sourcesOf(manifest, pathOf, differential, sbom).map((file) => [file.name, file]),
  );
  await writeFiles(target, [
    { name: 'manifest.json', text },
    { name: 'SHA256SUMS', text: sumsOf(carried, digest) },
    ...carried.flatMap(({ path }) => sources.get(path) ?? []),
  ]);
  return { path: target, digest, manifest };
}

/** Where the bytes come from of all that a bundle may carry. */
function sourcesOf(
  { blobs }: Manifest,
  pathOf: (sha256: string) => string,
  differential: KeptDifferential | undefined,
  sbom: string | undefined,
): BundleFile[] {
  const parts = differential?.composed.map(({ sha256, parts: kept, runs }) => ({
    name: partsPath(sha256),
    size: kept?.size ?? 0,
    read: () => carriedBytes(runs, pathOf(sha256)),
  }));
  return [
    ...blobs.map(({ sha256, path, size }) => ({ name: path, from: pathOf(sha256), size })),
    ...(parts ?? []),
    ...(differential ? [{ name: DIFFERENTIAL_FILE, text: differential.text }] : []),
    ...(sbom === undefined ? [] : [{ name: SBOM_FILE, text: sbom }]),
  ];
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

function manifestOf(content: BundleContent, sbom: string | undefined): Manifest {
  const blobs = new Map<string, BundleBlob>();
  for (const { blob, size } of blobsOf(content))
    blobs.set(blob, { sha256: blob, size, path: blobPath(blob) });
  return Manifest.parse({
    schema: 1,
    releases: [],
    blobs: [...blobs.values()].sort((a, b) => compareBytes(a.sha256, b.sha256)),
    sbom: sbom === undefined ? null : hashOfText(sbom),
    ...content,
  } satisfies ManifestDraft);
}
