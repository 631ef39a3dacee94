import type { SigningPolicy } from '#bundle';
import { GofleetError } from '#errors';
import { readRevoked, readSigners } from '../../process/signing-policy.ts';

/** What a command line says about who may sign. */
export interface SigningFlags {
  allowedSigners?: string;
  revokedKeys?: string;
}

/** Undefined where no allowed signers are named. Throws `invalid_file`, `usage`. */
export async function readSigningPolicy(
  { allowedSigners, revokedKeys }: SigningFlags,
  mode: SigningPolicy['mode'] = 'require',
): Promise<SigningPolicy | undefined> {
  if (allowedSigners === undefined) {
    if (revokedKeys === undefined) return undefined;
    throw new GofleetError('usage', '--revoked-keys says nothing without --allowed-signers', {
      remedy: 'Name both, or none.',
    });
  }
  const signers = await readSigners(allowedSigners);
  const isRevoked = revokedKeys === undefined ? () => false : await readRevoked(revokedKeys);
  return { mode, signers, isRevoked };
}
