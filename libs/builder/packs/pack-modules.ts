import { Pack, type PackModule } from '#bundle';
import { proxyTree, type GoSum } from '#gomod';
import type { Build } from '../build.ts';
import { hashModules } from '../modules/hash-modules.ts';
import type { ModuleCache } from '../modules/module-cache.ts';
import { nameOf, type Needed } from '../modules/needed.ts';
import { treeEntry } from './tree-entry.ts';

/** The archive of a pack and what is in it. */
const PackedModules = Pack.omit({ name: true, projects: true, also: true, graphs: true });
type PackedModules = Pick<Pack, keyof typeof PackedModules.shape>;

/**
 * Checks modules against all that knows them, and packs them with what they were checked against. Versions never
 * change, so the same ones with the same lines of go.sum are not packed again when only a project has changed. `go` is
 * the version of the builder's own, which makes zips of modules itself where no proxy has them.
 */
export async function packModules(
  needed: readonly Needed[],
  sums: readonly GoSum[],
  { cache, go }: { cache: ModuleCache; go: string },
  build: Build,
): Promise<PackedModules> {
  const inputs = (): string[] => [
    'modules',
    go,
    ...build.checksums.inputs(),
    ...needed.map((module) => JSON.stringify([nameOf(module), module.zip, linesOf(module, sums)])),
  ];
  return build.bench.once(
    inputs,
    PackedModules,
    async () => pack(needed, sums, cache, build),
    (made) => isVouchedFor(made, build),
  );
}

/** What go.sum files say of a module. */
function linesOf(module: Needed, sums: readonly GoSum[]): string[][] {
  return sums.map((sum) => [...sum.zip(module), '', ...sum.goMod(module)]);
}

/** Whether a later build may take it over: what nobody vouched for may be vouched for then. */
export function isVouchedFor({ modules }: Pick<Pack, 'modules'>, { checksums }: Build): boolean {
  return checksums.isRepeatable() && modules.every(({ verified }) => verified !== 'none');
}

async function pack(
  needed: readonly Needed[],
  sums: readonly GoSum[],
  cache: ModuleCache,
  build: Build,
): Promise<PackedModules> {
  const tree = await proxyTree(cache.downloads, needed);
  build.progress({ step: 'pack', message: `checking and packing ${tree.modules.length} modules` });
  const [hashed] = await Promise.all([
    hashModules(tree.modules, cache.read),
    build.checksums.prefetch(tree.modules),
  ]);
  const verified = await build.checksums.judge(hashed, sums);
  const modules: PackModule[] = hashed.map((module, index) => ({
    ...module,
    verified: verified[index] ?? 'none',
  }));
  const { files, sumdb } = await build.checksums.carry(hashed);
  const entries = await Promise.all([...tree.files, ...files].map(treeEntry));
  return { ...(await build.bench.archive(entries, 1)), modules, sumdb };
}
