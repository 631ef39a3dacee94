import { hashModule, type ProxyModule } from '#gomod';
import type { HashedModule } from '../checksums/index.ts';

/** Reads modules whole and hashes them anew, whatever the cache that they come from says of them. */
export async function hashModules(modules: readonly ProxyModule[]): Promise<HashedModule[]> {
  const hashed: HashedModule[] = [];
  for (const module of modules) {
    const { path, version } = module;
    hashed.push({ path, version, ...(await hashModule(module)) });
  }
  return hashed;
}
