import { createHash } from 'node:crypto';
import { parseDocument } from '#document';
import {
  Manifest,
  type ManifestDraft,
  type Pack,
  type PackProject,
  type Toolchain,
} from './schema.ts';

/** Reads manifest.json strictly. Throws `invalid_file` with path and line. */
export function readManifest(bytes: Uint8Array | string): Manifest {
  const text = typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString('utf8');
  return parseDocument(text, Manifest, { name: 'manifest.json', format: 'json' });
}

/** The one form of a manifest: keys in the order of the schema, two spaces, a newline at the end. */
export function writeManifest(manifest: ManifestDraft): string {
  return `${JSON.stringify(Manifest.parse(manifest), null, 2)}\n`;
}

/** The digest of a bundle: the SHA-256 of its manifest, byte for byte, in hex. */
export function digestOf(manifest: Uint8Array | string): string {
  return createHash('sha256').update(manifest).digest('hex');
}

export interface ToolchainWanted {
  version: string;
  os: string;
  arch: string;
}

/** The toolchain for a host, or undefined: then `platformsOf` says what there is. */
export function findToolchain(manifest: Manifest, wanted: ToolchainWanted): Toolchain | undefined {
  return manifest.toolchains.find(
    ({ version, os, arch }) =>
      version === wanted.version && os === wanted.os && arch === wanted.arch,
  );
}

/** `linux/amd64` and so on, of one version or of all. */
export function platformsOf(manifest: Manifest, version?: string): string[] {
  const those = manifest.toolchains.filter((each) => !version || each.version === version);
  return [...new Set(those.map(({ os, arch }) => `${os}/${arch}`))];
}

export function findPack(manifest: Manifest, name: string): Pack | undefined {
  return manifest.packs.find((pack) => pack.name === name);
}

export function findProject(pack: Pack, name: string): PackProject | undefined {
  return pack.projects.find((project) => project.name === name);
}
