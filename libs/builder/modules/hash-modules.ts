import { hashModule, type ProxyModule } from '#gomod';
import type { HashedModule } from '../checksums/index.ts';
import { isLicenceFile, openLicences } from '../licenses/index.ts';

/** A module as the manifest names it, before anything vouches for it. */
export interface ReadModule extends HashedModule {
  /** SPDX identifiers; empty where only its go.mod is here. */
  licenses: string[];
}

/** Reads modules whole and hashes them anew, whatever the cache that they come from says of them. */
export async function hashModules(modules: readonly ProxyModule[]): Promise<ReadModule[]> {
  const licences = openLicences();
  const read: ReadModule[] = [];
  for (const module of modules) {
    const { path, version } = module;
    const files: Buffer[] = [];
    const taker = { wants: isLicenceFile, take: (bytes: Buffer) => void files.push(bytes) };
    const hashes = await hashModule(module, taker);
    const licenses = hashes.h1 === null ? [] : await licences.of(files);
    read.push({ path, version, ...hashes, licenses });
  }
  return read;
}
