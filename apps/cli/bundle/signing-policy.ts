import { readFile } from 'node:fs/promises';
import { parseAllowedSigners, parseRevokedKeys, type SigningPolicy } from '#bundle';
import { GofleetError } from '#errors';

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
  const signers = parseAllowedSigners((await read(allowedSigners)).toString(), allowedSigners);
  const isRevoked =
    revokedKeys === undefined
      ? () => false
      : parseRevokedKeys(await read(revokedKeys), revokedKeys);
  return { mode, signers, isRevoked };
}

async function read(path: string): Promise<Buffer> {
  return readFile(path).catch((cause: unknown) => {
    throw new GofleetError('invalid_file', `${path} cannot be read`, {
      remedy: 'Name a file that is there and may be read.',
      cause,
    });
  });
}
