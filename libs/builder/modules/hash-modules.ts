import { hashGoMod, hashZip, type ProxyModule } from '#gomod';
import type { HashedModule } from '../checksums/index.ts';

/** Hashes modules anew, whatever the cache that they come from says of them. */
export async function hashModules(modules: readonly ProxyModule[]): Promise<HashedModule[]> {
  const hashed: HashedModule[] = [];
  for (const { path, version, goMod, zip } of modules) {
    const h1 = zip === undefined ? null : await hashZip(zip);
    hashed.push({ path, version, h1, goModH1: await hashGoMod(goMod) });
  }
  return hashed;
}
