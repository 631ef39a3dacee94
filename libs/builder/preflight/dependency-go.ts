import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GofleetError, isGofleetError } from '#errors';
import { lineOf } from '#gomod';
import type { OpenPack } from '../packs/open-packs.ts';

/** As cmd/go says it (gover.TooNewError). */
const TOO_NEW = /(\S+)@(\S+) requires go >= (\S+) \(running go ([^\s;)]+)/;

/**
 * What go says of a dependency that asks for a newer Go, which shows once it is fetched: with the line of the project
 * that requires it. Any other error as it is.
 */
export async function namingRequirement<T>(
  packs: readonly OpenPack[],
  make: () => Promise<T>,
): Promise<T> {
  try {
    return await make();
  } catch (error) {
    if (!isGofleetError(error, 'go_failed')) throw error;
    const { said } = error.details;
    const text = Array.isArray(said) ? said.join('\n') : '';
    const [, path = '', version = '', wanted = '', running = ''] = TOO_NEW.exec(text) ?? [];
    throw path === ''
      ? error
      : new GofleetError(
          'invalid_file',
          `${await requiredAt(packs, path)}${path}@${version} asks for Go ${wanted}, and packs are made with go ${running}`,
          {
            remedy: `Add a toolchain of Go ${wanted} or newer to the bundle, for this machine too, or require an older version of ${path}.`,
            cause: error,
          },
        );
  }
}

/** `FILE line N: `; empty where only something in between requires it, or it stands under `also` or `tools`. */
async function requiredAt(packs: readonly OpenPack[], path: string): Promise<string> {
  for (const { folder, members } of packs.flatMap(({ projects }) => projects))
    for (const member of members) {
      const file = join(folder, member.folder, 'go.mod');
      const line = lineOf(await readFile(file, 'utf8'), file, 'require', path);
      if (line !== undefined) return `${file} line ${line}: `;
    }
  return '';
}
