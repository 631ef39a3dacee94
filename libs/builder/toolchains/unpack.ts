import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { x as extract } from 'tar';
import { GofleetError } from '#errors';
import { readZip } from '#gomod';
import { toolchainPrefix } from './goroot-sum.ts';
import { isLeftOut } from './goroot.ts';
import type { Wanted } from './source.ts';

/**
 * Unpacks an archive as go.dev publishes it, without what no toolchain of a bundle has, and answers its GOROOT. Only
 * files and folders are in those: anything else is refused (`bundle_invalid`), as links could lead anywhere.
 */
export async function unpackArchive(file: string, into: string): Promise<string> {
  const strange: string[] = [];
  const unpacking = extract({
    file,
    cwd: into,
    strict: true,
    preserveOwner: false,
    filter: (path, entry) => {
      if (isLeftOut(path.replace(/^(?:\.\/)?go\//, ''))) return false;
      const type = 'type' in entry ? entry.type : 'File';
      if (!['File', 'OldFile', 'Directory'].includes(type)) strange.push(`${path} (${type})`);
      return strange.length === 0;
    },
  });
  await unpacking.catch((error: unknown) => {
    throw unsound(file, error instanceof Error ? error.message : String(error), error);
  });
  if (strange[0] !== undefined) throw unsound(file, `${strange[0]} is neither file nor folder`);
  return join(into, 'go');
}

/** Unpacks the zip of a toolchain module and answers its GOROOT. */
export async function unpackModule(zip: string, wanted: Wanted, into: string): Promise<string> {
  const prefix = `${toolchainPrefix(wanted)}/`;
  for await (const entry of readZip(zip)) {
    const below = entry.name.slice(prefix.length);
    if (!entry.name.startsWith(prefix) || below.split('/').includes('..'))
      throw unsound(zip, `${JSON.stringify(entry.name)} is not below ${prefix}`);
    const path = join(into, below);
    await mkdir(dirname(path), { recursive: true });
    await pipeline(entry.chunks(), createWriteStream(path));
  }
  return into;
}

function unsound(file: string, why: string, cause?: unknown): GofleetError {
  return new GofleetError('bundle_invalid', `${file} is no sound archive of Go: ${why}`, {
    remedy: 'Download it again, and compare its SHA-256 with the published one.',
    cause,
  });
}
