import { createHash } from 'node:crypto';
import { parseDocument } from '#document';
import { GofleetError } from '#errors';
import { z } from 'zod';
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
  refuseNewer(text);
  const options = { name: 'manifest.json', format: 'json', mostBytes: MOST_BYTES } as const;
  return parseDocument(text, Manifest, options);
}

/** A hundred thousand modules take less. */
const MOST_BYTES = 50_000_000;

/** The newest schema that this release reads. */
const NEWEST = 1;

/** Nobody is told of a hundred unknown keys where one number says it all. */
function refuseNewer(text: string): void {
  const number = schemaOf(text);
  if (number === undefined || number <= NEWEST) return;
  const line = text.slice(0, text.indexOf('"schema"')).split('\n').length;
  const message = `is ${number}: a newer gofleet made this bundle; this one reads ${NEWEST}`;
  throw new GofleetError('invalid_file', `manifest.json line ${line}: schema: ${message}`, {
    remedy: 'Update gofleet here to the release that made it, or build the bundle with this one.',
    errors: [{ path: 'schema', line, message }],
  });
}

/** undefined for what is no JSON or has none: the whole schema says what is wrong then. */
function schemaOf(text: string): number | undefined {
  try {
    return Numbered.safeParse(JSON.parse(text)).data?.schema;
  } catch {
    return undefined;
  }
}

const Numbered = z.object({ schema: z.int() });

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
