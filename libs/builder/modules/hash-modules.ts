import pLimit from 'p-limit';
import { hashModule, type ProxyModule } from '#gomod';
import type { HashedModule } from '../checksums/index.ts';
import { isLicenceFile, openLicences, type Licences } from '../licenses/index.ts';

/** A module as the manifest names it, before anything vouches for it. */
export interface ReadModule extends HashedModule {
  /** SPDX identifiers; empty where only its go.mod is here. */
  licenses: string[];
}

/** What was read in this build, by the files that make up a module: packs have many in common. */
export type ReadBefore = Map<string, Promise<ReadModule>>;

/** While one is hashed, others are inflated in zlib's threads. */
const AT_ONCE = 4;

/** Reads modules whole and hashes them anew, whatever the cache that they come from says of them. */
export async function hashModules(
  modules: readonly ProxyModule[],
  before: ReadBefore,
): Promise<ReadModule[]> {
  const licences = openLicences();
  return pLimit(AT_ONCE).map(modules, async (module) => {
    const key = JSON.stringify([module.goMod, module.zip]);
    const read = before.get(key) ?? readModule(module, licences);
    before.set(key, read);
    return read;
  });
}

async function readModule(module: ProxyModule, licences: Licences): Promise<ReadModule> {
  const { path, version } = module;
  const files: Buffer[] = [];
  const taker = { wants: isLicenceFile, take: (bytes: Buffer) => void files.push(bytes) };
  const hashes = await hashModule(module, taker);
  const licenses = hashes.h1 === null ? [] : await licences.of(files);
  return { path, version, ...hashes, licenses };
}
