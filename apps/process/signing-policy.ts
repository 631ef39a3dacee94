import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import {
  parseAllowedSigners,
  parseRevokedKeys,
  type AllowedSigner,
  type IsRevoked,
  type SigningPolicy,
} from '#bundle';
import { GofleetError } from '#errors';

/** What becomes of bundles that nobody signed who may. */
export const POLICIES = ['require', 'warn', 'off'] as const;
export type PolicyMode = (typeof POLICIES)[number];

/** What a controller or a worker was told about who may sign bundles. Relative paths are taken from the working folder. */
export interface SigningOptions {
  /** Absent: `require` where there is a file of allowed signers, else `warn`. */
  bundlePolicy?: PolicyMode | undefined;
  allowedSigners?: string | undefined;
  revokedKeys?: string | undefined;
}

/**
 * Who may sign bundles, read anew whenever it is asked for: a key that is revoked counts no more from then on. Files
 * that are not named are looked for in a folder. Throws `invalid_file` where one cannot be read.
 */
export function signingPolicy(
  options: SigningOptions,
  folder?: string,
): () => Promise<SigningPolicy> {
  return async () => {
    if (options.bundlePolicy === 'off') return { mode: 'off', signers: [], isRevoked: () => false };
    const allowed = place(options.allowedSigners, folder, 'allowed_signers');
    const revoked = place(options.revokedKeys, folder, 'revoked_keys');
    return {
      mode: options.bundlePolicy ?? (allowed === undefined ? 'warn' : 'require'),
      signers: allowed === undefined ? [] : await readSigners(allowed),
      isRevoked: revoked === undefined ? () => false : await readRevoked(revoked),
    };
  };
}

/** A file that was named has to be there; any other counts where it is. */
function place(named: string | undefined, folder: string | undefined, name: string) {
  if (named !== undefined) return resolve(named);
  if (folder === undefined) return undefined;
  const path = join(folder, name);
  return existsSync(path) ? path : undefined;
}

export async function readSigners(file: string): Promise<AllowedSigner[]> {
  return parseAllowedSigners((await read(file)).toString(), file);
}

export async function readRevoked(file: string): Promise<IsRevoked> {
  return parseRevokedKeys(await read(file), file);
}

async function read(path: string): Promise<Buffer> {
  return readFile(path).catch((cause: unknown) => {
    throw new GofleetError('invalid_file', `${path} cannot be read`, {
      remedy: 'Name a file that is there and may be read.',
      cause,
    });
  });
}
