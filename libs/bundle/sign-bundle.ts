import { resolve } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { openBundle, SIGNATURE_FILE, type OpenBundle } from './open-bundle.ts';
import { checkSignature, readSignature } from './signature/index.ts';
import { writeFiles } from './write-files.ts';

/** Signs bytes for the namespace of bundles, and answers the armoured signature. */
export type Signer = (manifest: Buffer) => Promise<string>;

/**
 * Signs the manifest of a bundle folder or file; an older signature is replaced, nothing else changes, its digest
 * neither. What the signer made is checked before it is kept (`signature_invalid`).
 */
export async function signBundle(path: string, sign: Signer): Promise<{ fingerprint: string }> {
  const bundle = await openBundle(path);
  const manifest = Buffer.from(bundle.manifestText);
  const armoured = await sign(manifest);
  const signature = readSignature(armoured);
  checkSignature(signature, manifest);
  if (path.endsWith('.gofleet')) await rewrite(bundle, armoured);
  else await writeFileAtomic(resolve(path, SIGNATURE_FILE), armoured, { mode: 0o644 });
  return { fingerprint: signature.publicKey.fingerprint };
}

/** The archive is written anew beside the old one, the signature right behind the manifest. */
async function rewrite({ path, files }: OpenBundle, armoured: string): Promise<void> {
  const kept = [...files.sizes].filter(([name]) => name !== SIGNATURE_FILE);
  const written = kept.flatMap(([name, size]) => [
    { name, size, read: () => files.read(name) },
    ...(name === 'manifest.json' ? [{ name: SIGNATURE_FILE, text: armoured }] : []),
  ]);
  await writeFiles(resolve(path), written);
}
