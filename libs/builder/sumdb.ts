import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GofleetError } from '#errors';
import { escapePath, type ModuleVersion } from '#gomod';

/**
 * Whether go checked a hash of a module against a checksum database while it filled this module cache: it keeps the
 * answers under `cache/download/sumdb/NAME/lookup`, and takes over none that is not signed.
 */
export async function isVouchedFor(
  modCache: string,
  { path, version }: ModuleVersion,
  hash: string,
): Promise<boolean> {
  const folder = join(modCache, 'cache/download/sumdb');
  for (const database of await readdir(folder).catch(() => [])) {
    const name = `${escapePath(path)}@${escapePath(version)}`;
    const answer = await readFile(join(folder, database, 'lookup', name), 'utf8').catch(() => '');
    const lines = answer.split('\n');
    if ([version, `${version}/go.mod`].some((each) => lines.includes(`${path} ${each} ${hash}`)))
      return true;
  }
  return false;
}

/** go found another hash than go.sum or the checksum database has: no second way in, ever. */
export function isForged(said: string): boolean {
  return /SECURITY ERROR|checksum mismatch/.test(said);
}

/** What go found, in its own words: the module, the hash it got and the one it should have. */
export function forged(said: string): GofleetError {
  const [found = said] = said.split(/^SECURITY ERROR/m);
  const lines = found.split('\n').map((line) => line.trim());
  return new GofleetError(
    'bundle_invalid',
    lines.filter(Boolean).join('; ').replaceAll(/\s+/g, ' '),
    {
      remedy:
        'Somebody between the author and this machine has changed it, or go.sum is wrong: find out which. Nothing was built.',
      details: { said },
    },
  );
}

/** go had the bytes and nobody to vouch for them: no answer, or GOSUMDB=off for a toolchain. */
export function isUnchecked(said: string): boolean {
  return /verifying (?:module|go\.mod)|checksum database|\/lookup\//.test(said);
}
