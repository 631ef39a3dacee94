import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { signingPolicy, type PolicyMode } from '../../apps/process/signing-policy.ts';

/** Who may sign bundles, in files as a controller reads them, with the keys to sign with. */
export interface Signers extends Disposable {
  /** The folder with allowed_signers (`release` is in it) and revoked_keys. */
  folder: string;
  /** As a controller or a worker reads it: anew each time. */
  policy(mode?: PolicyMode): ReturnType<typeof signingPolicy>;
  /** What ssh-keygen signs: `stranger` is nobody's allowed signer. */
  sign(manifest: string, key?: 'release' | 'stranger'): string;
  revoke(key: 'release' | 'stranger'): void;
  /** As at the beginning. */
  revokeNobody(): void;
}

export function createSigners(): Signers {
  const folder = mkdtempSync(join(tmpdir(), 'gofleet-signers-'));
  const at = (name: string) => join(folder, name);
  for (const key of ['release', 'stranger'])
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', at(key)]);
  const publicKey = (key: string) => readFileSync(at(`${key}.pub`), 'utf8');
  writeFileSync(at('allowed_signers'), `ops@example.com ${publicKey('release')}`);
  return {
    folder,
    policy: (mode) => signingPolicy({ bundlePolicy: mode }, folder),
    sign: (manifest, key = 'release') =>
      execFileSync('ssh-keygen', ['-q', '-Y', 'sign', '-n', 'gofleet-bundle', '-f', at(key)], {
        input: manifest,
        stdio: ['pipe', 'pipe', 'ignore'],
      }).toString(),
    revoke: (key) => writeFileSync(at('revoked_keys'), publicKey(key)),
    revokeNobody: () => rmSync(at('revoked_keys'), { force: true }),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  };
}
