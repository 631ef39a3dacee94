import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { GofleetError } from '#errors';
import type { OpenBundle } from '../open-bundle.ts';
import type { Pack } from '../schema.ts';
import { unpackModules } from './unpack-modules.ts';

/** What was written. */
export interface Exported {
  path: string;
  pack: string;
  files: number;
  /** Sum of the bytes of all files. */
  bytes: number;
  /** Settings under which go uses it. */
  settings: Record<string, string>;
}

/**
 * Writes the modules of a pack as a plain GOPROXY tree, hashed on the way: it is there whole or not at all. `out` must
 * be new or an empty folder (`usage`). Throws `bundle_invalid` where the blob is not what the manifest says.
 */
export async function exportGoproxy(
  bundle: OpenBundle,
  pack: Pack,
  out: string,
): Promise<Exported> {
  const target = resolve(out);
  await assertFree(target);
  const temporary = join(dirname(target), `.${basename(target)}.exporting`);
  try {
    await rm(temporary, { recursive: true, force: true });
    await mkdir(temporary, { recursive: true });
    const written = await unpackModules(bundle, pack, temporary);
    await rename(temporary, target);
    return { path: target, pack: pack.name, ...written, settings: settingsOf(pack, target) };
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw writeFault(error, target);
  }
}

function settingsOf({ sumdb }: Pack, folder: string): Exported['settings'] {
  const GOSUMDB = sumdb === null ? 'off' : sumdb.name === PUBLIC ? PUBLIC : sumdb.key;
  const except = sumdb?.except.join(',');
  return {
    GOPROXY: `file://${encodeURI(folder)}`,
    GOSUMDB,
    ...(except ? { GONOSUMDB: except } : {}),
  };
}

/** The database whose key go has built in. */
const PUBLIC = 'sum.golang.org';

async function assertFree(target: string): Promise<void> {
  const found = await stat(target).catch(() => undefined);
  if (!found || (found.isDirectory() && (await readdir(target)).length === 0)) return;
  throw new GofleetError('usage', `${target} is there and not empty`, {
    remedy: 'Name a new folder with -o, or remove that one.',
  });
}

function writeFault(error: unknown, target: string): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new GofleetError('disk_full', `the disk of ${target} is full`, {
      remedy: 'Free space there, or name another place with -o.',
      cause: error,
    });
  if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM' || code === 'ENOTDIR')
    return new GofleetError('usage', `${target} cannot be written: ${code}`, {
      remedy: 'Name another place with -o, or let this user write there.',
      cause: error,
    });
  return error;
}
