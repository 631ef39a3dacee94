import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Role } from '#api';
import type { Conductor } from '#conductor';

const FIRST: { file: string; name: string; role: Role; site?: string }[] = [
  { file: 'token', name: 'embedded-admin', role: 'admin' },
  { file: 'worker.token', name: 'embedded-worker', role: 'worker', site: 'default' },
];

/**
 * The tokens of an embedded gofleet, each in a file of the data folder. A file that is there is made good again only
 * where the ledger has no token at all, or has just been restored and may come from another folder: one that an admin
 * revoked stays revoked.
 */
export async function ensureFirstTokens(conductor: Conductor, data: string): Promise<void> {
  const strange =
    conductor.restored || (await conductor.listTokens({ limit: 1 })).items.length === 0;
  for (const { file, ...token } of FIRST) {
    const path = join(data, file);
    const made = await makeFile(path);
    if (!made && !strange) continue;
    const secret = made ?? (await readFile(path, 'utf8')).trim();
    await conductor.ensureToken({ ...token, secret });
  }
}

/** The new secret; undefined where the file is there already. */
async function makeFile(path: string): Promise<string | undefined> {
  const secret = `gf_${randomBytes(32).toString('base64url')}`;
  try {
    await writeFile(path, `${secret}\n`, { mode: 0o600, flag: 'wx' });
    return secret;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return undefined;
    throw error;
  }
}
