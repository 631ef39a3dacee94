import { openBundle } from './open-bundle.ts';
import type { Manifest, Pack } from './schema.ts';
import { readSignature } from './signature/index.ts';

/** What is in a bundle, for people and scripts; sizes in bytes. */
export interface BundleSummary {
  name: string;
  digest: string;
  /** Who signed it, as the signature says; nothing is checked here. */
  signature: { fingerprint: string; keyType: string } | null;
  blobs: number;
  bytes: number;
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
    projects: { name: string; module: string; go: string | null; size: number }[];
  }[];
  rehearsal: Manifest['rehearsal'];
}

/** Reads the manifest of a bundle folder or file and says what is in it; hashes nothing but the manifest. */
export async function inspectBundle(path: string): Promise<BundleSummary> {
  const { manifest, digest, signature } = await openBundle(path);
  return summarize(manifest, digest, signature);
}

function summarize(manifest: Manifest, digest: string, signature: string | null): BundleSummary {
  return {
    name: manifest.name,
    digest,
    signature: signature === null ? null : signedBy(signature),
    blobs: manifest.blobs.length,
    bytes: manifest.blobs.reduce((sum, { size }) => sum + size, 0),
    toolchains: manifest.toolchains.map((each) => ({
      version: each.version,
      platform: `${each.os}/${each.arch}`,
      size: each.size,
      unpackedBytes: each.unpackedBytes,
      source: each.source,
      verified: each.verified,
    })),
    packs: manifest.packs.map(summarizePack),
    rehearsal: manifest.rehearsal,
  };
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
    projects: pack.projects.map(({ name, module, go, size }) => ({ name, module, go, size })),
  };
}
