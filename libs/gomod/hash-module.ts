import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { GofleetError } from '#errors';
import { hash1 } from './dirhash.ts';
import type { ModuleVersion } from './go-mod.ts';
import { readModuleZip, type FileTaker } from './module-zip.ts';
import type { ProxyModule } from './proxy-tree.ts';

/** The hashes of a module; `h1` is null where there is no zip. */
export interface ModuleHashes {
  h1: string | null;
  goModH1: string;
}

/** What go takes for a go.mod (golang.org/x/mod/zip). */
const MOST_GO_MOD = 16 << 20;

/**
 * Reads a module whole, and hashes it from its bytes whatever a cache notes about it: its zip must be one that go
 * unpacks, and its .mod the go.mod that is in there. Throws `bundle_invalid`.
 */
export async function hashModule(module: ProxyModule, taker?: FileTaker): Promise<ModuleHashes> {
  const goMod = await readGoMod(module);
  const sha256 = createHash('sha256').update(goMod).digest('hex');
  const goModH1 = hash1([{ name: 'go.mod', sha256 }]);
  if (module.zip === undefined) return { h1: null, goModH1 };
  const zip = await readModuleZip(module, module.zip, taker);
  // a module without go.mod gets one from the proxy, with its path alone
  if (zip.goMod && !zip.goMod.equals(goMod))
    throw contradicts(module, 'its .mod is not the go.mod in its zip');
  return { h1: zip.h1, goModH1 };
}

async function readGoMod(module: ProxyModule): Promise<Buffer> {
  const { size } = await stat(module.goMod);
  if (size > MOST_GO_MOD) throw contradicts(module, 'its .mod has more than 16 MiB');
  return readFile(module.goMod);
}

/** Two files of a module that do not fit together. */
export function contradicts({ path, version }: ModuleVersion, why: string): GofleetError {
  return new GofleetError('bundle_invalid', `${path}@${version}: ${why}`, {
    remedy:
      'Ask the module proxy for it again (`go clean -modcache`); if it stays so, somebody has changed it there.',
  });
}
