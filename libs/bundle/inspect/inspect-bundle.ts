import { carriedFiles } from '../carried.ts';
import type { KeptDifferential } from '../differential/index.ts';
import { openBundle, type OpenBundle } from '../open-bundle.ts';
import type { Manifest, Pack } from '../schema.ts';
import { readSignature } from '../signature/index.ts';

/** What is in a bundle, for people and scripts; sizes in bytes. */
export interface BundleSummary {
  name: string;
  digest: string;
  /** Who signed it, as the signature says; nothing is checked here. */
  signature: { fingerprint: string; keyType: string } | null;
  blobs: number;
  bytes: number;
  /** Of a differential bundle: bytes that it carries, blobs that the other side has to have, and those put together there. */
  differential: { bytes: number; needs: number; composed: number } | null;
  toolchains: {
    version: string;
    platform: string;
    size: number;
    unpackedBytes: number;
    source: string;
    verified: string;
  }[];
  packs: {
    name: string;
    size: number;
    unpackedBytes: number;
    modules: number;
    /** Modules that nothing vouches for. */
    unverified: string[];
    projects: {
      name: string;
      module: string;
      go: string | null;
      /** Folders of its members; empty where it is one module. */
      workspace: string[];
      vendored: boolean;
      size: number;
    }[];
    /** `path@version` of what the bundle file names. */
    also: string[];
    /** The checksum database that it carries, the records of its tree, and modules that it knows nothing of. */
    sumdb: { name: string; records: number; except: string[] } | null;
    /** Whether `gofleet bundle graph` can draw its projects. */
    graphs: boolean;
  }[];
  /** Commands that hosts can install: `package@version`. */
  tools: string[];
  /** What could not be checked against its source. */
  unverified: string[];
  /** Bytes of its bill of materials. */
  sbom: { size: number } | null;
  rehearsal: Manifest['rehearsal'];
}

/** Reads the manifest of a bundle folder or file and says what is in it; hashes nothing but the manifest. */
export async function inspectBundle(path: string): Promise<BundleSummary> {
  return summarize(await openBundle(path));
}

function summarize({ manifest, digest, signature, differential }: OpenBundle): BundleSummary {
  return {
    name: manifest.name,
    digest,
    signature: signature === null ? null : signedBy(signature),
    blobs: manifest.blobs.length,
    bytes: manifest.blobs.reduce((sum, { size }) => sum + size, 0),
    differential: differential ? summarizeDifferential(manifest, differential) : null,
    toolchains: manifest.toolchains.map((each) => ({
      version: each.version,
      platform: `${each.os}/${each.arch}`,
      size: each.size,
      unpackedBytes: each.unpackedBytes,
      source: each.source,
      verified: each.verified,
    })),
    packs: manifest.packs.map(summarizePack),
    tools: manifest.tools.map((tool) => `${tool.package}@${tool.version}`),
    unverified: manifest.unverified,
    sbom: manifest.sbom && { size: manifest.sbom.size },
    rehearsal: manifest.rehearsal,
  };
}

function summarizeDifferential(
  manifest: Manifest,
  differential: KeptDifferential,
): BundleSummary['differential'] {
  const bytes = carriedFiles(manifest, differential).reduce((sum, { size }) => sum + size, 0);
  return { bytes, needs: differential.needs.length, composed: differential.composed.length };
}

function signedBy(signature: string): BundleSummary['signature'] {
  const { publicKey } = readSignature(signature);
  return { fingerprint: publicKey.fingerprint, keyType: publicKey.type };
}

function summarizePack(pack: Pack): BundleSummary['packs'][number] {
  const unverified = pack.modules.filter(({ verified }) => verified === 'none');
  return {
    name: pack.name,
    size: pack.size,
    unpackedBytes: pack.unpackedBytes,
    modules: pack.modules.length,
    unverified: unverified.map(({ path, version }) => `${path}@${version}`),
    projects: pack.projects.map(({ name, module, go, workspace, vendored, size }) => ({
      name,
      module,
      go,
      workspace,
      vendored,
      size,
    })),
    also: pack.also,
    sumdb: pack.sumdb && {
      name: pack.sumdb.name,
      records: pack.sumdb.size,
      except: pack.sumdb.except,
    },
    graphs: pack.graphs !== null,
  };
}
