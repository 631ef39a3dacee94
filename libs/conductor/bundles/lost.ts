import type { Queries } from '#ledger';
import type { Engine } from '../engine.ts';

const AT_ONCE = 1000;

/** Names of the imported bundles of which blobs are not in the store, as after a ledger was restored without them. */
export async function lostBundles({ store }: Engine, queries: Queries): Promise<string[]> {
  const lost = new Set<string>();
  let after = { bundle: '', sha256: '' };
  for (;;) {
    const rows = await blobsAfter(queries, after);
    for (const { name, sha256 } of rows) if (!(await store.has(sha256))) lost.add(name);
    const last = rows.at(-1);
    if (!last || rows.length < AT_ONCE) return [...lost].toSorted();
    after = last;
  }
}

async function blobsAfter(
  queries: Queries,
  { bundle, sha256 }: { bundle: string; sha256: string },
) {
  return queries
    .selectFrom('bundle_blobs')
    .innerJoin('bundles', 'bundles.digest', 'bundle_blobs.bundle')
    .select(['bundle_blobs.bundle', 'bundle_blobs.sha256', 'bundles.name'])
    .where('bundles.imported_at', 'is not', null)
    .where((where) =>
      where.or([
        where('bundle_blobs.bundle', '>', bundle),
        where.and([
          where('bundle_blobs.bundle', '=', bundle),
          where('bundle_blobs.sha256', '>', sha256),
        ]),
      ]),
    )
    .orderBy('bundle_blobs.bundle')
    .orderBy('bundle_blobs.sha256')
    .limit(AT_ONCE)
    .execute();
}
